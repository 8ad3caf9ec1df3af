package main

import (
	"fmt"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// end prints the totals and the verdict.
func (p *printer) end(_ *story, all []record, faults []string) error {
	p.totals(all)
	p.line("")
	if len(faults) == 0 {
		p.line("  All %d steps ended as they must.", len(all))
	}
	if len(faults) > 0 {
		p.line("  NOT every step ended as it must. Faults: %d.", len(faults))
	}
	p.line("")
	return p.err
}

// logTable returns the lines of a log as an owner's app shows them.
func logTable(lines []holder.Line) []string {
	const row, day = "%2s  %-24s%-10s%-13s%-16s%-17s%s", "2 Jan 2006 15:04"
	table := []string{fmt.Sprintf(row, "#", "when", "what", "outcome", "by right of", "grant or key", "app adds")}
	for _, l := range lines {
		e := l.Entry
		when := "after " + e.Time.Time().Format(day)
		if e.Evidence != credential.EvidenceFloor {
			when = "at " + e.Time.Time().Format(day)
		}
		adds := l.Name
		if e.Reference != (credential.Reference{}) {
			adds = string(e.Reference[:])
		}
		table = append(table, fmt.Sprintf(row, fmt.Sprint(e.Sequence), when, e.Operation, e.Outcome, whose(e.Role, e.Service), e.Who, adds))
	}
	return table
}

// totals prints the figures of every step, and their sums.
func (p *printer) totals(all []record) {
	p.heading("Figures", "")
	p.line("  %-58s ── link ── ──────── lock ────────", "")
	p.line("  %-26s%-13s%-17s%6s%7s%6s%6s%6s%7s", "step", "outcome", "reason", "pairs", "bytes", "mul", "sign", "vrfy", "flash")
	var sum record
	for _, r := range all {
		p.figures(r.name, r.outcome.String(), r.reason.String(), &r)
		sum.cost.Pairs += r.cost.Pairs
		sum.cost.Bytes += r.cost.Bytes
		sum.operations.Add(&r.operations)
		sum.programmed += r.programmed
	}
	p.figures("all", "", "", &sum)
	p.line("")
	p.paragraph("", "mul: scalar multiplications of the key agreement; sign, vrfy: signatures made and verified; flash: bytes "+
		"programmed. Ed25519 and P-256 are added up here; -json tells them apart.")
}

// figures prints one row of the table.
func (p *printer) figures(name, outcome, reason string, r *record) {
	m := r.operations
	p.line("  %-26s%-13s%-17s%6d%7d%6d%6d%6d%7d", name, outcome, reason, r.cost.Pairs, r.cost.Bytes,
		m.X25519+m.P256DH, m.Ed25519Sign+m.P256Sign, m.Ed25519Verify+m.P256Verify, r.programmed)
}
