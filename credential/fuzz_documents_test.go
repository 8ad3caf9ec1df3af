package credential_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

func FuzzParsePolicy(f *testing.F) {
	seed(f, policyKind)
	for _, p := range pairings() {
		full, _ := fullPolicy(p)
		f.Add(full.bytes())
	}
	key := edKey("signer").public
	f.Fuzz(func(t *testing.T, data []byte) {
		u, err := credential.ParsePolicy(data)
		if err != nil {
			require.Nil(t, u)
			refused(t, err)
			return
		}
		built, err := credential.NewPolicy(u.Claims, key)
		requireSame(t, data, built, err)
	})
}

func FuzzParseRevocationList(f *testing.F) {
	seed(f, listKind)
	key := edKey("signer").public
	f.Fuzz(func(t *testing.T, data []byte) {
		u, err := credential.ParseRevocationList(data)
		if err != nil {
			require.Nil(t, u)
			refused(t, err)
			return
		}
		built, err := credential.NewRevocationList(u.Claims, key)
		requireSame(t, data, built, err)
	})
}

func FuzzParseTimeToken(f *testing.F) {
	seed(f, tokenKind)
	f.Add(plain(65006, edKey("signer"), list(num(840))).bytes())
	key := edKey("signer").public
	f.Fuzz(func(t *testing.T, data []byte) {
		u, err := credential.ParseTimeToken(data)
		if err != nil {
			require.Nil(t, u)
			refused(t, err)
			return
		}
		built, err := credential.NewTimeToken(u.Claims, key)
		requireSame(t, data, built, err)
	})
}

func FuzzParseReceipt(f *testing.F) {
	seed(f, receiptKind)
	for _, c := range inEntry {
		forged := receiptForge(edKey("signer"), nil)
		spoilEntry(c.field, c.value)(forged)
		f.Add(forged.bytes())
	}
	bare := receiptForge(edKey("signer"), nil)
	bare.scope = receiptScope(list())
	f.Add(bare.bytes())
	key := edKey("signer").public
	f.Fuzz(func(t *testing.T, data []byte) {
		u, err := credential.ParseReceipt(data)
		if err != nil {
			require.Nil(t, u)
			refused(t, err)
			return
		}
		built, err := credential.NewReceipt(u.Claims, key)
		requireSame(t, data, built, err)
	})
}

// FuzzParseLogPage pads what it is given, so that it does not have to find the
// length.
func FuzzParseLogPage(f *testing.F) {
	f.Add(bytes.TrimRight(pageForge(), "\x00"))
	f.Add(bytes.TrimRight(pageForge(logEntry(), logEntry(put(0, num(10)))), "\x00"))
	for _, c := range inEntry {
		f.Add(bytes.TrimRight(pageForge(logEntry(put(c.field, c.value))), "\x00"))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < 768 {
			data = append(bytes.Clone(data), make([]byte, 768-len(data))...)
		}
		page, err := credential.ParseLogPage(data)
		if err != nil {
			require.Zero(t, page)
			refused(t, err)
			return
		}
		require.Equal(t, data, page.Encode())
	})
}
