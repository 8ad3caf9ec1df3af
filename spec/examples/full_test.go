package examples_test

import (
	"fmt"

	"github.com/postern-lock/postern/internal/suite"
)

// full explains a tap with a full exchange.  It returns the values.
func (p *page) full(x tap, s script) *exchange {
	p.t.Helper()
	if s.suite == 0 {
		s.suite = suite.X25519
	}
	e := x.derive(p.t, s.suite, s.certificate)
	p.heading(2, "%s", s.title)
	for i, c := range x.commands(p.t) {
		p.start(c, i, s.says)
		switch i {
		case 0:
			p.selection(c, e.nonce, e.selectHash)
		case 1:
			p.handshake1(c, e)
		case 2:
			p.handshake2(c, e, s)
		default:
			p.request(c, e.okm, i-2, s)
		}
	}
	return e
}

func (p *page) selection(c command, drawn named, selectHash []byte) {
	p.t.Helper()
	p.text("The lock draws afresh; the nonce is the first 16 bytes of it:")
	p.values(drawn)
	p.command(c, func(l *listing) { l.line(0, "AID (section 5.3)", c.Data) }, func(l *listing) {
		l.line(0, "template, its length", c.answer[:2])
		l.line(0, "proprietary element, its length", c.answer[2:4])
		l.items(c.answer[4:], 0, selected)
	})
	p.text("The keys of this tap will depend on all of this (section 5.3):")
	p.values(named{"SELECT hash", "H( command || answer )", selectHash})
}

func (p *page) handshake1(c command, e *exchange) {
	p.t.Helper()
	p.text("The phone draws its ephemeral key and sends message_1 (section 6.4):")
	p.values(e.x, named{"G_X", "public key of X", e.gx})
	p.command(c, func(l *listing) { l.items(c.Data, 0, message1...) }, func(l *listing) {
		_, n, size := head(c.answer)
		l.line(0, fmt.Sprintf("message_2: byte string of %d", n), c.answer[:size])
		l.line(0, "G_Y", e.gy)
		l.line(0, "CIPHERTEXT_2", e.ciphertext2)
	})
	p.text("How the lock made message_2, and how the phone takes it apart (section 6.5):")
	p.values(
		e.y,
		named{"G_Y", "public key of Y", e.gy},
		named{"G_XY", "X with G_Y, and Y with G_X", e.gxy},
		named{"H(message_1)", "H( message_1 )", e.hash1},
		named{"TH_2", "H( G_Y, H(message_1) )", e.th2},
		named{"PRK_2e", "PRK_3e2m = PRK_4e3m = HMAC-SHA-256( TH_2, G_XY )", e.prk2e},
		named{"ID_CRED_R", "", e.idCredR},
		named{"context_2", "<< C_R, ID_CRED_R, TH_2, CRED_R >>", e.context2},
		named{"MAC_2", "EDHOC_KDF( PRK_3e2m, 2, context_2, 32 )", e.mac2},
		named{"input of Signature_or_MAC_2", `[ "Signature1", << ID_CRED_R >>, << TH_2, CRED_R >>, MAC_2 ]`, e.signed2},
		named{"KEYSTREAM_2", "EDHOC_KDF( PRK_2e, 0, TH_2, length of PLAINTEXT_2 )", e.keystream2},
	)
	idCred := shape{name: "ID_CRED_R: key id of the lock's key"}
	if c.P1 == 1 {
		idCred = shape{name: "ID_CRED_R", pairs: map[int64]shape{13: {name: "kcwt: the lock certificate, as above", whole: true}}}
	}
	p.cbor("PLAINTEXT_2", e.plaintext2, "CIPHERTEXT_2 XOR KEYSTREAM_2", shape{name: "C_R", say: number}, idCred, shape{name: "Signature_or_MAC_2"})
}

func (p *page) handshake2(c command, e *exchange, s script) {
	p.t.Helper()
	p.text("The phone is content with the lock (section 8.4) and makes message_3 (section 6.6). CRED_R is the lock certificate, CRED_I what ID_CRED_I holds, both whole:")
	p.values(
		named{"TH_3", "H( TH_2, PLAINTEXT_2, CRED_R )", e.th3},
		named{"K_3", "EDHOC_KDF( PRK_3e2m, 3, TH_3, 16 )", e.k3},
		named{"IV_3", "EDHOC_KDF( PRK_3e2m, 4, TH_3, 13 )", e.iv3},
		named{"A_3", `[ "Encrypt0", h'', TH_3 ]`, e.a3},
		named{"context_3", "<< ID_CRED_I, TH_3, CRED_I >>", e.context3},
		named{"MAC_3", "EDHOC_KDF( PRK_4e3m, 6, context_3, 32 )", e.mac3},
		named{"input of Signature_or_MAC_3", `[ "Signature1", << ID_CRED_I >>, << TH_3, CRED_I >>, MAC_3 ]`, e.signed3},
	)
	p.cbor("PLAINTEXT_3", e.plaintext3, "before it is sealed with K_3, IV_3 and A_3", s.credential, shape{name: "Signature_or_MAC_3"})
	p.text("Both sides now have the keys of the channel (section 6.7):")
	all := []named{
		{"TH_4", "H( TH_3, PLAINTEXT_3, CRED_I )", e.th4},
		{"PRK_out", "EDHOC_KDF( PRK_4e3m, 7, TH_4, 32 )", e.prkOut},
		{"PRK_exporter", "EDHOC_KDF( PRK_out, 10, h'', 32 )", e.prkExporter},
		{"OKM", "EDHOC_Exporter( 32768, SELECT hash, 58 )", e.okm},
	}
	all = append(all, channelKeys(e.okm)...)
	if s.slot {
		all = append(all, named{"RS_0", "EDHOC_Exporter( 32769, SELECT hash, 32 )", e.rs0})
	}
	p.values(all...)
	n := length(c.Data)
	p.carry(c, e.okm, 0, s, n, func(l *listing) {
		_, inside, size := head(c.Data)
		l.line(0, fmt.Sprintf("message_3: byte string of %d", inside), c.Data[:size])
		l.line(0, "CIPHERTEXT_3 without its tag", c.Data[size:n-8])
		l.line(0, "tag of CIPHERTEXT_3", c.Data[n-8:n])
	})
}

// request explains a REQUEST with the counter.
func (p *page) request(c command, okm []byte, counter int, s script) {
	p.t.Helper()
	p.carry(c, okm, counter, s, 0, func(*listing) {})
}

// channelKeys divides the keys of a channel (section 6.7.2).
func channelKeys(okm []byte) []named {
	return []named{
		{"request key", "OKM[0..15]", okm[:16]}, {"response key", "OKM[16..31]", okm[16:32]},
		{"request IV", "OKM[32..44]", okm[32:45]}, {"response IV", "OKM[45..57]", okm[45:]},
	}
}

// carry explains a command that carries a sealed request behind n bytes, which
// before explains, and its sealed response.
func (p *page) carry(c command, okm []byte, counter int, s script, n int, before func(*listing)) {
	p.t.Helper()
	requestNonce, responseNonce := nonceOf(okm[32:45], counter), nonceOf(okm[45:], counter)
	plain := open(p.t, okm[:16], requestNonce, c.Data[n:], nil)
	p.cbor("Request", plain, "before it is sealed (section 6.8)", request(s.chain...))
	p.values(named{"request nonce", fmt.Sprintf("request IV XOR %d", counter), requestNonce})
	p.command(c, func(l *listing) {
		before(l)
		sealed(l, "request", c.Data[n:])
	}, func(l *listing) { sealed(l, "response", c.answer) })
	if len(c.answer) == 0 {
		return
	}
	p.values(named{"response nonce", fmt.Sprintf("response IV XOR %d", counter), responseNonce})
	p.cbor("Response opened", open(p.t, okm[16:32], responseNonce, c.answer, nil), "section 6.8", response)
}

// resumed explains a tap that is resumed with the secret.
func (p *page) resumed(x tap, s script, n int, secret []byte) {
	p.t.Helper()
	r := x.resume(p.t, secret)
	p.heading(2, "%s", s.title)
	c := x.commands(p.t)
	p.start(c[0], 0, s.says)
	p.selection(c[0], r.drawn, r.selectHash)
	p.start(c[1], 1, s.says)
	name := fmt.Sprintf("RS_%d", n)
	p.values(
		r.nonce,
		named{name, "kept by both since the tap before", r.secret},
		named{"PRK", "HMAC-SHA-256( phone nonce || SELECT hash, " + name + " )", r.prk},
		named{"resumption id", "EDHOC_KDF( PRK, 1, h'', 8 )", r.id},
		named{"OKM", "EDHOC_KDF( PRK, 2, h'', 58 )", r.okm},
	)
	p.values(channelKeys(r.okm)...)
	p.carry(c[1], r.okm, 0, s, 16, func(l *listing) {
		l.line(0, "phone nonce", c[1].Data[:8])
		l.line(0, "resumption id", c[1].Data[8:16])
	})
	p.text("The opening is committed, so both go on to the next secret (section 15.1). The lock put it into the commit of the opening; the phone keeps it after the sealed answer:")
	p.values(named{fmt.Sprintf("RS_%d", n+1), "EDHOC_KDF( " + name + ", 3, h'', 32 )", r.next})
}
