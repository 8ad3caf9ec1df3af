package lock_test

import (
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/issuer"
)

// as has the player come as the holder of another phone.
func (p *player) as(phone *holder.Phone) *player {
	p.phone, p.key, p.grant = phone, phone.Key, phone.Grant
	return p
}

// changed sends message_1 altered.
func changed(alter func([]byte) []byte) func(*player) string {
	return func(p *player) string {
		_, message1 := p.start()
		r := p.send(apdu.Command{CLA: message.Class, INS: wire.InsHandshake1, P1: wire.CertificateFormValue, Data: alter(message1)})
		return word(r.SW)
	}
}

// faultsOfMessage1 fail at every step of section 7.4 but the fourth.
var faultsOfMessage1 = plays{
	"1: no sequence":      changed(func(m []byte) []byte { return m[:len(m)-1] }),
	"1: one item more":    changed(func(m []byte) []byte { return append(m, 0) }),
	"2: METHOD":           changed(func(m []byte) []byte { m[0] = 3; return m }),
	"3: SUITES_I":         changed(func(m []byte) []byte { m[1] = 0x80; return m }),
	"5: length of G_X":    changed(func(m []byte) []byte { return append(append(m[:2:2], 0x41, 0), m[len(m)-1]) }),
	"5: C_I":              changed(func(m []byte) []byte { return append(m[:len(m)-1:len(m)-1], 0x41, 0xFF) }),
	"6: exchange of keys": changed(func(m []byte) []byte { clear(m[4:36]); return m }),
}

// resumes makes a slot by a full exchange, and resumes with it.
func resumes(r message.Request) func(*player) string {
	return func(p *player) string {
		p.slot()
		return sealed(p.read(p.sends(wire.InsResume, p.resume(p.phone, r.Encode()))))
	}
}

// slot makes a slot, and selects anew.
func (p *player) slot() {
	p.t.Helper()
	requireOpens(p.t, p.w, p.phone)
	p.again()
}

// again selects anew, with all that came before written.
func (p *player) again() {
	p.t.Helper()
	*p.caller = *call(p.t, p.w, p.phone)
	p.written = p.w.Flash.Programmed
}

// faultsOfResume fail at the steps of section 15.3.
var faultsOfResume = plays{
	"1: too short": func(p *player) string { return word(p.sends(wire.InsResume, make([]byte, 24)).SW) },
	"2: no slot":   func(p *player) string { return word(p.sends(wire.InsResume, make([]byte, 40)).SW) },
	"2: no openings left": func(p *player) string {
		requireOpens(p.t, p.w, p.phone)
		id := holder.SlotID{Lock: p.w.LockID, Credential: tagOf(p.t, p.phone)}
		for range wire.LimitSlotTaps {
			require.Equal(p.t, 2, requireOpens(p.t, p.w, p.phone).Cost.Pairs)
		}
		slot, _ := p.phone.Slots.Load(id)
		require.Zero(p.t, slot.Taps)
		p.again()
		return word(p.sends(wire.InsResume, p.resume(p.phone, opens.Encode())).SW)
	},
	"3: request that does not open": func(p *player) string {
		p.slot()
		data := p.resume(p.phone, opens.Encode())
		data[len(data)-1] ^= 1
		return word(p.sends(wire.InsResume, data).SW)
	},
	"5: request that does not read": func(p *player) string {
		p.slot()
		return word(p.sends(wire.InsResume, p.resume(p.phone, []byte{0x80})).SW)
	},
}

// chained sends a request whose chain holds objects that were altered.
func chained(alter func(*player) [][]byte) func(*player) string {
	return func(p *player) string {
		p.as(p.w.PostmanPhone(p.t))
		r := delivers
		r.Chain = alter(p)
		return asked(r)(p)
	}
}

// faultsOfMessage3 fail at the steps of section 7.5.
var faultsOfMessage3 = plays{
	"1: nothing behind message_3": func(p *player) string {
		return word(p.sends(wire.InsHandshake2, append(p.message3(), make([]byte, 8)...)).SW)
	},
	"2: CIPHERTEXT_3": func(p *player) string {
		m := p.message3()
		m[len(m)-1] ^= 1
		return word(p.sends(wire.InsHandshake2, append(m, p.seal(opens.Encode())...)).SW)
	},
	"4: a grant that does not read": func(p *player) string {
		p.grant = p.w.PostmanPhone(p.t).Authorities[0]
		return asked(opens)(p)
	},
	"5: a key of another suite": func(p *player) string {
		grant, err := p.w.Owner.Grant(credential.GrantClaims{
			Holder: p256Neighbour(p.t, p.w, unchanged).Key.PublicKey(), IssuedAt: p.w.Now, Expires: p.w.Now + worldtest.Day, Scope: p.w.GuestClaims().Scope,
		})
		require.NoError(p.t, err)
		p.grant = grant
		return asked(opens)(p)
	},
	"6: not the holder's key": func(p *player) string {
		p.key = thief{p.key}
		return asked(opens)(p)
	},
	"6: the key of a stranger": func(p *player) string {
		return asked(opens)(p.as(p.w.Phone(p.t, "stranger", nil)))
	},
	"8: request that does not open": func(p *player) string {
		return word(p.sends(wire.InsHandshake2, append(p.message3(), make([]byte, 20)...)).SW)
	},
	"9: request that does not read": func(p *player) string { return sealed(p.says([]byte{0x80})) },
	"10: a chain that does not read": chained(func(p *player) [][]byte {
		return [][]byte{{0x81, 0x00}}
	}),
	"11: a certificate that does not verify": chained(func(p *player) [][]byte {
		c := slices.Clone(p.phone.Authorities[0])
		c[len(c)-1] ^= 1
		return [][]byte{c}
	}),
	"11: a certificate of another scheme": chained(func(p *player) [][]byte {
		foreign, err := issuer.NewScheme(worldtest.Key("foreign scheme"))
		require.NoError(p.t, err)
		c, err := foreign.Certify(p.w.PostClaims())
		require.NoError(p.t, err)
		return [][]byte{c}
	}),
	"11: a grant that its signer did not sign": func(p *player) string {
		phone := p.w.PostmanPhone(p.t)
		phone.Grant[len(phone.Grant)-1] ^= 1
		r := delivers
		r.Chain = phone.Authorities
		return asked(r)(p.as(phone))
	},
}
