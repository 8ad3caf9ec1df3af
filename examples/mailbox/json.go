package main

import (
	"encoding/json"
	"io"

	"github.com/postern-lock/postern/credential"
)

// figures tells the story to programs: one JSON object a line.
type figures struct{ w io.Writer }

// line is one step.  Outcome and reason are names of the registries.  What the
// lock spent is what the box's own lock spent: false locks are not counted.
type line struct {
	Step       string         `json:"step"`
	Outcome    string         `json:"outcome"`
	Reason     string         `json:"reason"`
	Pairs      int            `json:"pairs"`
	Bytes      int            `json:"bytes"`
	LockOps    lockOperations `json:"lock_ops"`
	FlashBytes int            `json:"flash_bytes"`
}

// lockOperations counts operations with public keys.  An x25519 or p256_dh is
// one scalar multiplication: a tap takes two, one for the key pair of the tap
// and one for the agreement.
type lockOperations struct {
	X25519        uint64 `json:"x25519"`
	Ed25519Sign   uint64 `json:"ed25519_sign"`
	Ed25519Verify uint64 `json:"ed25519_verify"`
	P256DH        uint64 `json:"p256_dh"`
	P256Sign      uint64 `json:"p256_sign"`
	P256Verify    uint64 `json:"p256_verify"`
}

func (f *figures) begin(*story) error { return nil }

func (f *figures) step(_ int, r record) error {
	return json.NewEncoder(f.w).Encode(line{
		Step:       r.name,
		Outcome:    r.outcome.String(),
		Reason:     r.reason.String(),
		Pairs:      r.cost.Pairs,
		Bytes:      r.cost.Bytes,
		LockOps:    operationsOf(r.operations),
		FlashBytes: r.programmed,
	})
}

func (f *figures) end(*story, []record, []string) error { return nil }

func operationsOf(m credential.Meter) lockOperations {
	return lockOperations{m.X25519, m.Ed25519Sign, m.Ed25519Verify, m.P256DH, m.P256Sign, m.P256Verify}
}
