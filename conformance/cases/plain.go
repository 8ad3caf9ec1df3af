package cases

import (
	"bytes"
	"slices"

	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// plain notes in the report what stood encrypted in the last exchange over the
// link.
func (t *T) plain(what string, b []byte) {
	for i := len(t.exchanges) - 1; i >= 0 && b != nil; i-- {
		if e := &t.exchanges[i]; e.Control == "" {
			e.Plain = append(e.Plain, report.Plain{What: what, Bytes: slices.Clone(b)})
			return
		}
	}
}

// sealed notes what a phone sealed in a command, where the command ends with it: it
// may also be one that the case made otherwise, or a link in the middle.
func (t *T) sealed(command []byte, v holdertest.Values) {
	s := v[holdertest.Sealed]
	if len(s) == 0 || len(command) < 4 || command[0] != 0x80 || !ends(command, s) {
		return
	}
	if command[1] == 0x12 {
		t.plain("PLAINTEXT_3", v[holdertest.Plaintext3])
	}
	t.plain("request", v[holdertest.Plaintext])
}

// ends reports whether the command ends with the bytes, or with the end of them,
// Le aside.
func ends(command, b []byte) bool {
	const tag = 8
	at := bytes.LastIndex(command, b[len(b)-min(len(b), tag):])
	return at >= 0 && len(command)-at-min(len(b), tag) <= 2
}
