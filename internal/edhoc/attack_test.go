package edhoc

import (
	"crypto/elliptic"
	"fmt"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/internal/suite"
)

func TestWrongSigner(t *testing.T) {
	forEachSuite(t, func(t *testing.T, f fixture) {
		x := f.run(t)
		thief := f
		thief.r.Signer = signerOf(t, f.suiteID, "thief")
		thief.i.Signer = thief.r.Signer
		_, err := x.initiator1().ReadMessage2(thief.answer(t, x.message1, unchanged), knows(t, f.r))
		requireFault(t, err, ErrSignature, "Signature_or_MAC_2")
		_, err = x.responder1().ReadMessage3(thief.finish(t, x.i2, unchanged), knows(t, f.i))
		requireFault(t, err, ErrSignature, "Signature_or_MAC_3")
	})
}

// resolves returns a resolver that says the same of everybody.
func resolves(cred []byte, key suite.PublicKey) Resolver {
	return func([]byte) (Peer, error) { return Peer{Cred: cred, Key: key}, nil }
}

func TestMisbinding(t *testing.T) {
	forEachSuite(t, func(t *testing.T, f fixture) {
		x := f.run(t)
		other := identity(t, f.suiteID, "somebody else", "kid")
		ofOther := identity(t, 2-f.suiteID, "somebody else", "kid").Signer.PublicKey()
		for _, tt := range []struct {
			name string
			peer func(Local) Resolver
			kind Kind
		}{
			{"another key", func(l Local) Resolver { return resolves(l.Cred, other.Signer.PublicKey()) }, ErrSignature},
			{"another credential", func(l Local) Resolver { return resolves(other.Cred, l.Signer.PublicKey()) }, ErrSignature},
			{"another peer", func(Local) Resolver { return resolves(other.Cred, other.Signer.PublicKey()) }, ErrSignature},
			{"no key", func(l Local) Resolver { return resolves(l.Cred, suite.PublicKey{}) }, ErrCredential},
			{"a key of another suite", func(l Local) Resolver { return resolves(l.Cred, ofOther) }, ErrCredential},
			{"no credential", func(l Local) Resolver { return resolves(nil, l.Signer.PublicKey()) }, ErrCredential},
			{"credential of two items", func(l Local) Resolver {
				return resolves(slices.Concat(l.Cred, l.Cred), l.Signer.PublicKey())
			}, ErrCredential},
			{"nobody", func(Local) Resolver { return knows(t) }, ErrCredential},
		} {
			t.Run(tt.name, func(t *testing.T) {
				field := map[Kind][2]string{
					ErrSignature:  {"Signature_or_MAC_2", "Signature_or_MAC_3"},
					ErrCredential: {"ID_CRED_R", "ID_CRED_I"},
				}[tt.kind]
				_, err := x.initiator1().ReadMessage2(x.message2, tt.peer(f.r))
				requireFault(t, err, tt.kind, field[0])
				_, err = x.responder1().ReadMessage3(x.message3, tt.peer(f.i))
				requireFault(t, err, tt.kind, field[1])
			})
		}
	})
}

func TestResolverErrorIsFound(t *testing.T) {
	x := newFixture(t, 0, "kid").run(t)
	_, err := x.initiator1().ReadMessage2(x.message2, knows(t))
	require.ErrorIs(t, err, errUnknown)
	_, err = x.responder1().ReadMessage3(x.message3, knows(t))
	require.ErrorIs(t, err, errUnknown)
}

// TestSwappedCredentials has each side name the other's credential, and one
// side's signature stand where the other's belongs.
func TestSwappedCredentials(t *testing.T) {
	forEachSuite(t, func(t *testing.T, f fixture) {
		x := f.run(t)
		swapped := fixture{f.suiteID, f.r, f.i}
		swapped.i.Signer, swapped.r.Signer = f.i.Signer, f.r.Signer
		_, err := x.initiator1().ReadMessage2(swapped.answer(t, x.message1, unchanged), knows(t, f.i, f.r))
		requireFault(t, err, ErrSignature, "Signature_or_MAC_2")
		_, err = x.responder1().ReadMessage3(swapped.finish(t, x.i2, unchanged), resolves(f.i.Cred, f.i.Signer.PublicKey()))
		requireFault(t, err, ErrSignature, "Signature_or_MAC_3")
	})
}

func TestIDCredIsBound(t *testing.T) {
	// The resolver is indifferent to ID_CRED_x, and yet the peer must mean the
	// one that it signed.
	f := newFixture(t, 0, "kid")
	x := f.run(t)
	renamed := func(b []byte) []byte { b[len(b)-67] ^= 1; return b }
	_, err := x.initiator1().ReadMessage2(f.answer(t, x.message1, renamed), resolves(f.r.Cred, f.r.Signer.PublicKey()))
	requireFault(t, err, ErrSignature, "Signature_or_MAC_2")
	_, err = x.responder1().ReadMessage3(f.finish(t, x.i2, renamed), resolves(f.i.Cred, f.i.Signer.PublicKey()))
	requireFault(t, err, ErrSignature, "Signature_or_MAC_3")
}

func TestReflection(t *testing.T) {
	forEachSuite(t, func(t *testing.T, f fixture) {
		x := f.run(t)
		all := knows(t, f.i, f.r)
		for _, tt := range []struct {
			name string
			read func() error
			kind Kind
		}{
			{"message_1 as message_2", func() error { _, err := x.initiator1().ReadMessage2(x.message1, all); return err }, ErrMalformed},
			{"message_1 as message_3", func() error { _, err := x.responder1().ReadMessage3(x.message1, all); return err }, ErrMalformed},
			{"message_2 as message_1", func() error { _, _, err := Accept(x.message2, f.responder()); return err }, ErrMalformed},
			{"message_2 as message_3", func() error { _, err := x.responder1().ReadMessage3(x.message2, all); return err }, ErrDecrypt},
			{"message_3 as message_1", func() error { _, _, err := Accept(x.message3, f.responder()); return err }, ErrMalformed},
		} {
			t.Run(tt.name, func(t *testing.T) { require.ErrorIs(t, tt.read(), tt.kind) })
		}
		t.Run("message_3 as message_2", func(t *testing.T) {
			_, err := x.initiator1().ReadMessage2(x.message3, all)
			require.Error(t, err)
		})
	})
}

func TestPeerWithOwnKey(t *testing.T) {
	forEachSuite(t, func(t *testing.T, f fixture) {
		self := fixture{f.suiteID, f.i, f.i}
		i1, message1, err := Start(self.initiator())
		require.NoError(t, err)
		r1, message2, err := Accept(message1, self.responder())
		require.NoError(t, err)
		i2, err := i1.ReadMessage2(message2, knows(t, f.i))
		require.NoError(t, err)
		state := peek(&i2.stage)
		message3, exporter, err := i2.WriteMessage3(f.i)
		require.ErrorIs(t, err, ErrCredential)
		require.Nil(t, message3)
		require.Nil(t, exporter)
		_, err = r1.ReadMessage3(self.finish(t, state, unchanged), knows(t, f.i))
		require.ErrorIs(t, err, ErrCredential)
	})
}

func TestReplay(t *testing.T) {
	forEachSuite(t, func(t *testing.T, f fixture) {
		old := f.run(t)

		config := f.responder()
		config.Rand = stream("another responder")
		r1, _, err := Accept(old.message1, config)
		require.NoError(t, err)
		_, err = r1.ReadMessage3(old.message3, knows(t, f.i))
		require.ErrorIs(t, err, ErrDecrypt)

		configI := f.initiator()
		configI.Rand = stream("another initiator")
		i1, _, err := Start(configI)
		require.NoError(t, err)
		_, err = i1.ReadMessage2(old.message2, knows(t, f.r))
		require.Error(t, err)
	})
}

// TestOnPath is somebody on the path who exchanges both ephemeral keys. He reads
// PLAINTEXT_2, as the RFC says, and gets no further.
func TestOnPath(t *testing.T) {
	f := newFixture(t, 0, "kid")
	x := f.run(t)
	config := f.initiator()
	config.Rand = stream("on the path")
	between, message1, err := Start(config)
	require.NoError(t, err)
	_, message2, err := Accept(message1, f.responder())
	require.NoError(t, err)
	m2, err := parseMessage2(message2)
	require.NoError(t, err)
	th2 := newTH2(m2.gY, peek(&between.stage).hashMessage1)
	prk2e, err := agree(peek(&between.stage).x, "G_Y", m2.gY, th2)
	require.NoError(t, err)
	plaintext2, err := prk2e.crypt2(th2, m2.ciphertext2)
	require.NoError(t, err)

	forged := f.answer(t, x.message1, func([]byte) []byte { return plaintext2 })
	_, err = x.initiator1().ReadMessage2(forged, knows(t, f.r))
	requireFault(t, err, ErrSignature, "Signature_or_MAC_2")
}

// TestOtherSignatureOfES256 gives message_2 the second of the two signatures
// that are valid in ECDSA, which an initiator takes. TH_3 covers the signature,
// so the run ends at message_3.
func TestOtherSignatureOfES256(t *testing.T) {
	f := newFixture(t, 2, "kid")
	x := f.run(t)
	negative := func(b []byte) []byte {
		s := new(big.Int).SetBytes(b[len(b)-32:])
		s.Sub(elliptic.P256().Params().N, s).FillBytes(b[len(b)-32:])
		return b
	}
	i2, err := x.initiator1().ReadMessage2(f.answer(t, x.message1, negative), knows(t, f.r))
	require.NoError(t, err)
	message3, _, err := i2.WriteMessage3(f.i)
	require.NoError(t, err)
	_, err = x.responder1().ReadMessage3(message3, knows(t, f.i))
	require.ErrorIs(t, err, ErrDecrypt)
}

func TestNothingSecretIsPrinted(t *testing.T) {
	forEachSuite(t, func(t *testing.T, f fixture) {
		x := f.run(t)
		channel, err := NewChannel(x.exporterI, make([]byte, 32), true)
		require.NoError(t, err)
		secrets := [][]byte{x.i2.prk3e2m[:], x.exporterI.prk[:], channel.out.iv[:], channel.in.iv[:]}
		for _, v := range []any{x.initiator1(), x.initiator2(), x.responder1(), x.exporterI, channel} {
			for _, format := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%t"} {
				text := fmt.Sprintf(format, v)
				for _, secret := range secrets {
					decimal := fmt.Sprint(secret[:6])
					require.NotContains(t, text, decimal[1:len(decimal)-1], "%T %s", v, format)
					require.NotContains(t, text, fmt.Sprintf("%x", secret[:6]), "%T %s", v, format)
					require.NotContains(t, text, fmt.Sprintf("%#v", secret[:6])[7:30], "%T %s", v, format)
				}
			}
		}
	})
}
