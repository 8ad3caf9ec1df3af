package main

import (
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/lock"
)

// end prints the log, the totals and the verdict.
func (p *printer) end(s *story, all []record, faults []string) error {
	if err := p.log(s); err != nil {
		return err
	}
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

// log prints the lock's log as the owner's app would show it.
func (p *printer) log(s *story) error {
	l, err := lock.New(s.box.config)
	if err != nil {
		return err
	}
	guest, err := credential.ParseGrant(s.phones.neighbour.Grant)
	if err != nil {
		return err
	}
	granted := map[credential.Tag]string{guest.Tag(): "neighbour"} // the owner's app knows whom it granted
	p.heading("The lock's log, as the owner sees it", "")
	p.paragraph("", "It names the company and the grant, never a person, and it says no time but the floor: it was this late or "+
		"later. Only the owner's app knows which grant it gave to whom; which handset was the post's on that day, "+
		"only the post can tell.")
	p.line("")
	p.line("  # %-16s%-8s%-8s%-14s%-17s%s", "not before", "what", "outcome", "by right of", "grant", "app adds")
	for _, e := range l.Log() {
		grant, floor := "", "none"
		if e.Grant != (credential.Tag{}) {
			grant = e.Grant.String()
		}
		if e.Floor != 0 {
			floor = e.Floor.Time().Format(clock)
		}
		p.line("%3d %-16s%-8s%-8s%-14s%-17s%s", e.Sequence, floor, e.Operation, e.Outcome, whose(e.Role, e.Service), grant, granted[e.Grant])
	}
	return p.err
}

// totals prints the figures of every step, and their sums.
func (p *printer) totals(all []record) {
	p.heading("Figures", "")
	p.line(" %-48s ── link ── ─────── lock ──────", "")
	p.line(" %-21s%-12s%-15s%5s%6s%4s%5s%5s%6s", "step", "outcome", "reason", "pairs", "bytes", "mul", "sign", "vrfy", "flash")
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
	p.line(" %-21s%-12s%-15s%5d%6d%4d%5d%5d%6d", name, outcome, reason, r.cost.Pairs, r.cost.Bytes,
		m.X25519+m.P256DH, m.Ed25519Sign+m.P256Sign, m.Ed25519Verify+m.P256Verify, r.programmed)
}
