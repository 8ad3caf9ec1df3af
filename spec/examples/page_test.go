package examples_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/worldtest"
)

// page is a worked example while it is written.
type page struct {
	t     testing.TB
	out   strings.Builder
	pair  int // number of the last pair explained
	pairs int // pairs and bytes of all taps
	bytes int
}

func (p *page) heading(level int, format string, args ...any) {
	fmt.Fprintf(&p.out, "%s %s\n\n", strings.Repeat("#", level), fmt.Sprintf(format, args...))
}

func (p *page) text(format string, args ...any) { fmt.Fprintf(&p.out, format+"\n\n", args...) }

// row writes a row of a table.
func (p *page) row(format string, args ...any) { fmt.Fprintf(&p.out, format+"\n", args...) }

// end closes a table.
func (p *page) end() { p.out.WriteString("\n") }

func (p *page) code(s string) { fmt.Fprintf(&p.out, "```\n%s```\n\n", s) }

// bytesOf prints bytes item by item under a label.
func (p *page) bytesOf(label string, size int, note string, fill func(*listing)) {
	p.t.Helper()
	if note != "" {
		note = ", " + note
	}
	p.text("**%s**, %d bytes%s:", label, size, note)
	l := &listing{t: p.t}
	fill(l)
	p.code(l.out.String())
}

// cbor prints a sequence of items under a label.
func (p *page) cbor(label string, b []byte, note string, shapes ...shape) {
	p.t.Helper()
	p.bytesOf(label, len(b), note, func(l *listing) { l.items(b, 0, shapes...) })
}

// named is a value, with how it comes about where that is a formula.
type named struct {
	name, how string
	bytes     []byte
}

// values prints values one below the other.
func (p *page) values(all ...named) {
	p.t.Helper()
	var s strings.Builder
	for i, v := range all {
		if i > 0 {
			s.WriteString("\n")
		}
		s.WriteString(v.name)
		if v.how != "" {
			s.WriteString(" = " + v.how)
		}
		s.WriteString("\n")
		for b := v.bytes; len(b) > 0; b = b[min(len(b), 32):] {
			fmt.Fprintf(&s, "  %X\n", b[:min(len(b), 32)])
		}
	}
	p.code(s.String())
}

// object prints a signed object with its digest.
func (p *page) object(title, section string, b []byte, s shape) {
	p.t.Helper()
	p.heading(3, "%s", title)
	p.cbor("Object", b, "section "+section, s)
	_, _, size := head(b)
	protected := b[size : size+length(b[size:])]
	payload := b[size+len(protected)+1:]
	payload = payload[:length(payload)]
	digest := hash([]byte("\x84\x6aSignature1"), protected, []byte{0x40}, payload)
	p.values(
		named{"digest", "H( Sig_structure )", digest},
		named{"tag", "first 8 bytes of the digest", digest[:8]},
	)
}

// party is a name on the page and the label of its key.
type party struct{ name, label string }

var (
	scheme       = party{"scheme", "scheme"}
	manufacturer = party{"manufacturer", "maker"}
	operator     = party{"operator", "post"}
	owner        = party{"owner", "owner"}
	theLock      = party{"lock", "lock"}
)

// keys prints the keys of the parties, those of suite 2 last.
func (p *page) keys(ed, p256 []party) {
	p.t.Helper()
	p.heading(2, "Keys")
	p.text("Test keys, published and worth nothing. An Ed25519 private key is a seed by RFC 8032, section 5.1.5; key ids are those of section 4.3.")
	var all []named
	for _, who := range ed {
		key := worldtest.Key(who.label).(ed25519.PrivateKey)
		all = append(all, keyValues(p.t, who.name, `Ed25519, H( "postern test key `+who.label+`" )`, "", key.Seed(), key.Public().(ed25519.PublicKey), key)...)
	}
	p.values(all...)
	if p256 == nil {
		return
	}
	p.text("Keys of P-256. Each private key is a scalar, big endian. Signatures are deterministic by RFC 6979 with SHA-256, so that these pages come out the same again; a verifier takes any.")
	all = nil
	for _, who := range p256 {
		key := p256Key(p.t, who.label).(*ecdsa.PrivateKey)
		scalar, err := key.Bytes()
		require.NoError(p.t, err)
		point, err := key.PublicKey.Bytes()
		require.NoError(p.t, err)
		all = append(all, keyValues(p.t, who.name+" (P-256)", `P-256, H( "postern test key of P-256 `+who.label+`" )`, "x || y", scalar, point[1:], key)...)
	}
	p.values(all...)
}

func keyValues(t testing.TB, name, how, form string, private, public []byte, key crypto.Signer) []named {
	t.Helper()
	k, err := credential.NewPublicKey(key.Public())
	require.NoError(t, err)
	id := credential.KeyIDOf(k)
	return []named{{name + ": private key", how, private}, {name + ": public key", form, public}, {name + ": key id", "", id[:]}}
}
