package credential_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

func TestTypeOfEveryKind(t *testing.T) {
	for _, k := range kinds {
		for _, p := range pairings() {
			object := k.forge(p.signer, p.subject).bytes()
			typ, err := credential.TypeOf(object)
			require.NoError(t, err)
			require.EqualValues(t, k.typ, typ)

			// What stands behind the header is not read.
			for n := range object {
				typ, err := credential.TypeOf(object[:n])
				if n >= headerLength-1 {
					require.NoError(t, err)
					require.EqualValues(t, k.typ, typ)
				} else {
					requireReason(t, err, malformed, "object")
					require.Zero(t, typ)
				}
			}
		}
	}
}

// TestTypeOfUnknownKinds holds that a kind of a later version is named, so that
// it can be refused for what it is.
func TestTypeOfUnknownKinds(t *testing.T) {
	for _, want := range []int64{0, 23, 24, 255, 256, 65007, 65535, 65536, 1<<32 - 1, 1<<63 - 1} {
		f := grantForge(edKey("signer"), edKey("subject"))
		f.header = set(f.header, 16, num(want))
		typ, err := credential.TypeOf(f.bytes())
		require.NoError(t, err)
		require.EqualValues(t, want, typ)
	}
}

func TestTypeOfRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*forge){
		"no bytes":                   func(f *forge) { f.whole = []byte{} },
		"one byte":                   func(f *forge) { f.whole = []byte{0x84} },
		"a tag":                      func(f *forge) { f.whole = append([]byte{0xd2}, f.bytes()...) },
		"three elements":             func(f *forge) { f.elements = four(f)[:3] },
		"a header that is no string": func(f *forge) { e := four(f); e[0] = dict(f.header...); f.elements = e },
		"a header that is a text":    func(f *forge) { f.whole = []byte{0x84, 0x60, 0xa0, 0x40, 0x40} },
		"a header that is a number":  func(f *forge) { f.whole = f.bytes(); f.whole[1] = 17 },
		"a header whose length is no part of its head": func(f *forge) {
			long := set(set(f.header, 16, head(0, 1<<63)), 1, num(-25))
			f.whole = append([]byte{0x84, 0x58}, dict(long...)...)
		},
		"a header with a long head": func(f *forge) { e := four(f); e[0] = longHead(e[0]); f.elements = e },
		"a header of 24 bytes":      func(f *forge) { f.header = set(set(f.header, 16, head(0, 1<<63)), 1, num(-25)) },
		"an empty header":           func(f *forge) { f.protected = []byte{} },
		"no typ":                    func(f *forge) { f.header = drop(f.header, 16) },
		"typ negative":              func(f *forge) { f.header = set(f.header, 16, num(-1)) },
		"typ with a long head":      func(f *forge) { f.header = set(f.header, 16, longHead(num(65003))) },
		"kid of 7 bytes":            func(f *forge) { f.header = set(f.header, 4, bstr(make([]byte, 7)...)) },
		"a byte behind the header":  func(f *forge) { f.protected = append(dict(f.header...), 0) },
	} {
		t.Run(name, func(t *testing.T) {
			f := grantForge(edKey("signer"), edKey("subject"))
			spoil(f)
			typ, err := credential.TypeOf(f.bytes())
			requireReason(t, err, malformed, "object: ")
			require.Zero(t, typ)
		})
	}
}
