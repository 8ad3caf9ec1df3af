package examples_test

import (
	"bytes"
	"fmt"
	"slices"
)

// headers are CLA, INS, P1 and P2 of the last link; P1 of HANDSHAKE-1 is looked
// at where it matters.
var headers = map[string][]byte{
	"SELECT": {0x00, 0xA4, 0x04, 0x00}, "HANDSHAKE-1": {0x80, 0x10, 0x00, 0x00}, "HANDSHAKE-2": {0x80, 0x12, 0x00, 0x00},
	"REQUEST": {0x80, 0x14, 0x00, 0x00}, "RESUME": {0x80, 0x16, 0x00, 0x00},
}

// tap checks all of a tap.
func (c *checker) tap(s *section, n int) {
	var all []sent
	bytes, pairs := 0, 0
	for _, p := range s.parts[1:] {
		x := p.read()
		all = append(all, x)
		for i, command := range x.commands {
			pairs, c.pairs = pairs+1, c.pairs+1
			bytes += len(command) + len(x.answers[i])
			c.header(x, i)
			name := x.name + linkName(i, len(x.commands))
			c.glance = append(c.glance, fmt.Sprintf("| %d | %d | %s | %d | %d |\n", n, c.pairs, name, len(command), len(x.answers[i])))
		}
	}
	c.glance = append(c.glance, fmt.Sprintf("Tap %d: %d pairs, %d bytes.", n, pairs, bytes))
	selectHash := c.selected(s, all[0])
	if all[1].name == "RESUME" {
		c.resumed(s, all, selectHash)
		return
	}
	c.full(s, all, selectHash)
}

// header checks the header of a link.
func (c *checker) header(x sent, link int) {
	want := slices.Clone(headers[x.name])
	if link < len(x.commands)-1 {
		want[0] |= 0x10
	}
	got := x.headers[link]
	if x.name == "HANDSHAKE-1" && got[2] == 1 {
		want[2] = 1
	}
	c.that(bytes.Equal(got, want), "header %X of %s", got, x.name)
	c.that(bytes.Equal(x.status, []byte{0x90, 0x00}) || bytes.Equal(x.status, []byte{0x69, 0x82}) && len(x.answer) == 0, "status word %X", x.status)
}

// selected checks SELECT and returns its hash.
func (c *checker) selected(s *section, x sent) []byte {
	c.that(bytes.Equal(x.data, []byte("\xF0POSTERN\x01")), "AID")
	a := x.answer
	c.that(a[0] == 0x6F && int(a[1]) == len(a)-2 && a[2] == 0x85 && int(a[3]) == len(a)-4 && a[4] == 0x84, "template")
	hash := digest(x.commands[0], x.answers[0])
	c.same(s.get("SELECT hash"), hash)
	drawn := s.get("drawn for the nonce")
	c.drawn(drawn)
	c.that(bytes.Equal(a[len(a)-16:], drawn.bytes[:16]), "nonce")
	return hash
}

// full checks a full exchange.
func (c *checker) full(s *section, all []sent, selectHash []byte) {
	c.that(all[1].name == "HANDSHAKE-1" && all[2].name == "HANDSHAKE-2", "order of the commands")
	th3, prk := c.message2(s, all[1])
	exporter := c.message3(s, all[2], th3, prk)
	c.channel(s, derived(exporter, 32768, selectHash, 58))
	for counter, x := range all[2:] {
		data := x.data
		if counter == 0 {
			_, data = unwrap(data)
		} else {
			c.that(x.name == "REQUEST", "order of the commands")
		}
		c.sealed(s, x, data, counter)
	}
	for _, p := range s.parts {
		for _, e := range p.entries {
			if e.name == "RS_0" {
				c.stored = derived(exporter, 32769, selectHash, 32)
				c.same(e, c.stored)
			}
		}
	}
}

// message2 checks sections 6.4 and 6.5 and returns TH_3 and PRK_2e.
func (c *checker) message2(s *section, x sent) (th3, prk []byte) {
	suite := x.data[1]
	c.drawn(s.get("X"))
	c.drawn(s.get("Y"))
	phone, door := ephemeral(suite, s.get("X").bytes), ephemeral(suite, s.get("Y").bytes)
	gx, gy := onLink(phone), onLink(door)
	c.same(s.get("G_X"), gx)
	c.same(s.get("G_Y"), gy)
	c.same(s.get("G_XY"), shared(phone, door))
	c.that(bytes.Equal(x.data, joined([]byte{0, suite}, byteString(gx), []byte{0})), "message_1")
	c.same(s.get("H(message_1)"), digest(x.data))
	th2 := digest(byteString(gy), byteString(digest(x.data)))
	c.same(s.get("TH_2"), th2)
	prk = extracted(th2, shared(door, phone))
	c.same(s.get("PRK_2e"), prk)

	message2, rest := unwrap(x.answer)
	c.that(len(rest) == 0 && bytes.Equal(message2[:32], gy), "message_2")
	keystream := derived(prk, 0, th2, len(message2)-32)
	c.same(s.get("KEYSTREAM_2"), keystream)
	plaintext := xored(message2[32:], keystream)
	c.same(s.get("PLAINTEXT_2"), plaintext)

	certificate := c.objects["Lock certificate"]
	key := c.confirmed(certificate)
	short := byteString(key.id)
	long := joined([]byte{0xA1, 4}, short)
	if x.headers[0][2] == 1 {
		long = joined([]byte{0xA1, 13}, certificate)
		short = long
	}
	c.same(s.get("ID_CRED_R"), long)
	c.that(bytes.HasPrefix(plaintext, joined([]byte{0}, short, []byte{0x58, 64})), "form of PLAINTEXT_2")
	external := joined(byteString(th2), certificate)
	context := joined([]byte{0}, long, external)
	c.same(s.get("context_2"), context)
	mac := derived(prk, 2, context, 32)
	c.same(s.get("MAC_2"), mac)
	c.signature(s.get("input of Signature_or_MAC_2"), key, long, external, mac, plaintext)
	return digest(byteString(th2), plaintext, certificate), prk
}

// signature checks what is signed, and the signature at the end of a plaintext.
func (c *checker) signature(e *entry, key *signing, idCred, external, mac, plaintext []byte) {
	input := joined([]byte("\x84\x6aSignature1"), byteString(idCred), byteString(external), byteString(mac))
	c.same(e, input)
	c.that(key.signed(input, plaintext[len(plaintext)-64:]), "%s: the signature does not verify", e.name)
}

// message3 checks section 6.6 and returns PRK_exporter.
func (c *checker) message3(s *section, x sent, th3, prk []byte) []byte {
	c.same(s.get("TH_3"), th3)
	key, iv := derived(prk, 3, th3, 16), derived(prk, 4, th3, 13)
	c.same(s.get("K_3"), key)
	c.same(s.get("IV_3"), iv)
	a3 := joined([]byte("\x83\x68Encrypt0\x40"), byteString(th3))
	c.same(s.get("A_3"), a3)
	message3, _ := unwrap(x.data)
	plaintext, ok := decrypted(key, iv, a3, message3)
	c.that(ok, "CIPHERTEXT_3 does not open")
	c.same(s.get("PLAINTEXT_3"), plaintext)

	idCred := plaintext[:len(plaintext)-66]
	c.that(idCred[0] == 0xA1 && (idCred[1] == 13 || idCred[1] == 14), "form of PLAINTEXT_3")
	external := joined(byteString(th3), idCred[2:])
	c.same(s.get("context_3"), joined(idCred, external))
	mac := derived(prk, 6, joined(idCred, external), 32)
	c.same(s.get("MAC_3"), mac)
	c.signature(s.get("input of Signature_or_MAC_3"), c.confirmed(idCred), idCred, external, mac, plaintext)

	th4 := digest(byteString(th3), plaintext, idCred[2:])
	c.same(s.get("TH_4"), th4)
	out := derived(prk, 7, th4, 32)
	c.same(s.get("PRK_out"), out)
	exporter := derived(out, 10, nil, 32)
	c.same(s.get("PRK_exporter"), exporter)
	return exporter
}

// channel checks the keys of a channel.
func (c *checker) channel(s *section, okm []byte) {
	c.same(s.get("OKM"), okm)
	c.same(s.get("request key"), okm[:16])
	c.same(s.get("response key"), okm[16:32])
	c.same(s.get("request IV"), okm[32:45])
	c.same(s.get("response IV"), okm[45:])
}

// sealed checks a request and its response.
func (c *checker) sealed(s *section, x sent, data []byte, counter int) {
	one := func(key, iv, nonce, plain string, sealed []byte) {
		count := make([]byte, 13)
		count[12] = byte(counter)
		n := xored(s.get(iv).bytes, count)
		c.same(x.part.get(nonce), n)
		opened, ok := decrypted(s.get(key).bytes, n, nil, sealed)
		c.that(ok, "%s does not open", plain)
		c.same(x.part.get(plain), opened)
	}
	one("request key", "request IV", "request nonce", "Request", data)
	if len(x.answer) > 0 {
		one("response key", "response IV", "response nonce", "Response opened", x.answer)
	}
}

// resumed checks a tap that was resumed (chapter 15).
func (c *checker) resumed(s *section, all []sent, selectHash []byte) {
	c.that(c.stored != nil, "nothing to resume with")
	c.same(s.get("RS_0"), c.stored)
	c.drawn(s.get("phone nonce"))
	nonce := s.get("phone nonce").bytes
	prk := extracted(joined(nonce, selectHash), c.stored)
	c.same(s.get("PRK"), prk)
	id := derived(prk, 1, nil, 8)
	c.same(s.get("resumption id"), id)
	c.that(len(nonce) == 8 && bytes.HasPrefix(all[1].data, joined(nonce, id)), "data of RESUME")
	c.channel(s, derived(prk, 2, nil, 58))
	c.sealed(s, all[1], all[1].data[16:], 0)
	c.same(s.get("RS_1"), derived(c.stored, 3, nil, 32))
}
