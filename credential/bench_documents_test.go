package credential_test

import (
	"crypto/ed25519"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/suite"
)

// BenchmarkParsePolicy reads a policy with two services, three tags and a notice.
// The raw operation is the check that the owner's key is a point that may be used.
func BenchmarkParsePolicy(b *testing.B) {
	subject := edKey("subject")
	data := policyForge(edKey("signer"), subject).bytes()
	b.Run("all", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = credential.ParsePolicy(data)
		}
	})
	b.Run("beside the key", func(b *testing.B) {
		beside(b,
			func() { _, _ = suite.NewEd25519(subject.x) },
			func() { _, _ = credential.ParsePolicy(data) })
	})
}

// BenchmarkVerifyPolicy verifies that policy, parsed and with the parsing.  The
// raw operation is the check of the signature.
func BenchmarkVerifyPolicy(b *testing.B) {
	signer := edKey("signer")
	f := policyForge(signer, edKey("subject"))
	data, message, signature := f.bytes(), f.sigStructure(), signer.sign(f.sigStructure())
	u, err := credential.ParsePolicy(data)
	require.NoError(b, err)
	var v credential.Verifier
	raw := func() { ed25519.Verify(signer.x, message, signature) }
	b.Run("parsed", func(b *testing.B) {
		beside(b, raw, func() { _, _ = v.Policy(u, signer.public) })
	})
	b.Run("all", func(b *testing.B) {
		beside(b, raw, func() {
			u, err := credential.ParsePolicy(data)
			if err == nil {
				_, err = v.Policy(u, signer.public)
			}
			require.NoError(b, err)
		})
	})
}

// BenchmarkJudgePolicy judges a delivery by hours.
func BenchmarkJudgePolicy(b *testing.B) {
	p := policyWith(b, pair{num(2), list(list(num(1), num(2), num(2), weekdays()))}, pair{num(4), bstr(tags(16)...)})
	staff := judged(b, operator(b, edKey("signer"), post()))
	place := when(credential.EvidenceLive, monday(9, 0), 0)
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Judge(staff, credential.Permission{Service: 1}, deliver, place); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLogHead follows the head over the 64 entries that a lock keeps.
func BenchmarkLogHead(b *testing.B) {
	entries := make([]credential.LogEntry, 64)
	for i := range entries {
		entries[i] = entryClaims()
		entries[i].Sequence = uint32(i + 1)
	}
	b.ReportAllocs()
	for b.Loop() {
		var head credential.LogHead
		for _, e := range entries {
			head = head.Next(e)
		}
	}
}

// BenchmarkLogPage encodes and reads a full page.
func BenchmarkLogPage(b *testing.B) {
	page := credential.LogPage{Lock: lockID}
	for i := range uint32(16) {
		page.Entries = append(page.Entries, greatestEntry(i+1))
	}
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			page.Encode()
		}
	})
	b.Run("parse", func(b *testing.B) {
		data := page.Encode()
		b.ReportAllocs()
		for b.Loop() {
			_, _ = credential.ParseLogPage(data)
		}
	})
}
