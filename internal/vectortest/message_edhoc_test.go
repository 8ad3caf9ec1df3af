package vectortest

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// exchange plays the other side of an exchange, up to the message that a test
// holds.
type exchange struct {
	locals map[int]edhoc.Local
	own    *suite.DHKey
}

func newExchange(t *testing.T) *exchange {
	t.Helper()
	e := &exchange{locals: map[int]edhoc.Local{}}
	certificate := dcbor.AppendArray(nil, 0) // what stands in it does not matter here
	id := append(dcbor.AppendUint(dcbor.AppendMap(nil, 1), wire.HeaderKid), dcbor.AppendBytes(nil, make([]byte, 8))...)
	curve, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), bytes.Repeat([]byte{6}, 32))
	require.NoError(t, err)
	for number, key := range map[int]crypto.Signer{
		wire.SuiteX25519Ed25519: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)), wire.SuiteP256Es256: curve,
	} {
		signer, err := suite.NewSigner(key)
		require.NoError(t, err)
		e.locals[number] = edhoc.Local{IDCred: id, Cred: certificate, Signer: signer}
	}
	own, err := suite.GenerateDH(suite.X25519, bytes.NewReader(bytes.Repeat([]byte{7}, 256)), nil)
	require.NoError(t, err)
	e.own = own
	return e
}

func (e *exchange) responder(suites []int) edhoc.ResponderConfig {
	return edhoc.ResponderConfig{
		Suites: suites, Rand: bytes.NewReader(bytes.Repeat([]byte{9}, 256)),
		Local: func(number int) (edhoc.Local, error) { return e.locals[number], nil },
	}
}

// initiator returns a phone that has sent message_1.
func (e *exchange) initiator() (*edhoc.Initiator1, []byte, error) {
	return edhoc.Start(edhoc.InitiatorConfig{Suites: []int{wire.SuiteX25519Ed25519}, Rand: bytes.NewReader(bytes.Repeat([]byte{8}, 256))})
}

func (e *exchange) message1(p vectors.MessageParams, data []byte, read *vectors.MessageTest) error {
	for _, number := range p.Suites {
		if _, ok := e.locals[number]; !ok {
			return fmt.Errorf("%w: suite %d", errForm, number)
		}
	}
	_, _, err := edhoc.Accept(data, e.responder(p.Suites))
	switch {
	case errors.Is(err, edhoc.ErrLocal):
		return fmt.Errorf("%w: %w", errForm, err)
	case errors.Is(err, edhoc.ErrSuite):
		return errSuite
	case err != nil:
		return err
	}
	// It was taken; the fields come from the bytes.
	r := items{data}
	r.int()
	m := vectors.Message1{}
	if dcbor.KindOf(r.rest) == dcbor.KindArray {
		var list []int64
		if err := dcbor.Unmarshal(r.next(), &list); err != nil {
			return err
		}
		for _, v := range list {
			m.Suites = append(m.Suites, int(v))
		}
	} else {
		m.Suites = []int{r.int()}
	}
	m.GX = r.bytes()
	m.CI = r.int()
	read.Message1 = &m
	return nil
}

// items takes a sequence apart that was found good.
type items struct{ rest []byte }

func (r *items) next() []byte {
	item, rest, err := dcbor.Next(r.rest)
	if err != nil {
		return nil
	}
	r.rest = rest
	return item
}

func (r *items) int() int {
	v, rest, err := dcbor.NextInt(r.rest)
	if err != nil {
		return -1 << 20
	}
	r.rest = rest
	return int(v)
}

func (r *items) bytes() []byte {
	v, rest, err := dcbor.NextBytes(r.rest)
	if err != nil {
		return nil
	}
	r.rest = rest
	return v
}

// message2 counts as read where the phone's next complaint is about what it
// decrypted: nobody can decrypt what these tests hold.
func (e *exchange) message2(_ vectors.MessageParams, data []byte, read *vectors.MessageTest) error {
	phone, _, err := e.initiator()
	if err != nil {
		return fmt.Errorf("%w: %w", errForm, err)
	}
	_, err = phone.ReadMessage2(data, func([]byte) (edhoc.Peer, error) { return edhoc.Peer{}, errReached })
	var fault *edhoc.Error
	if errors.As(err, &fault) && slices.Contains([]string{"", "G_Y_CIPHERTEXT_2", "G_Y"}, fault.Field) || errors.Is(err, edhoc.ErrPeer) {
		return err
	}
	joined, _, err := dcbor.NextBytes(data)
	switch {
	case err != nil:
		return err
	case len(joined) == 32:
		return errors.New("there is no PLAINTEXT_2")
	}
	read.Message2 = &vectors.Message2{GY: joined[:32], Ciphertext: joined[32:]}
	return nil
}

func (e *exchange) errorMessage(_ vectors.MessageParams, data []byte, read *vectors.MessageTest) error {
	phone, _, err := e.initiator()
	if err != nil {
		return fmt.Errorf("%w: %w", errForm, err)
	}
	_, err = phone.ReadMessage2(data, nil)
	var peer *edhoc.PeerError
	if !errors.As(err, &peer) {
		return err
	}
	read.Error = &vectors.EDHOCError{Code: int(peer.Code), Suites: peer.Suites}
	return nil
}

// errReached: the other side got as far as asking for the credential.
var errReached = errors.New("reached")

// expand is EDHOC_KDF of section 6.7.1.
func expand(prk []byte, label uint64, context []byte, length int) []byte {
	info := dcbor.AppendUint(dcbor.AppendBytes(dcbor.AppendUint(nil, label), context), uint64(length))
	out, err := suite.Expand(prk, length, info)
	if err != nil {
		panic(err)
	}
	return out
}

func xor(a, b []byte) []byte {
	out := slices.Clone(a)
	for i := range out {
		out[i] ^= b[i]
	}
	return out
}

// agreed returns TH_2 and PRK_2e.
func (e *exchange) agreed(peer, gy, message1 []byte) (th2, prk []byte, err error) {
	shared, err := e.own.Shared(peer)
	if err != nil {
		return nil, nil, err
	}
	h1 := sha256.Sum256(message1)
	h2 := sha256.Sum256(dcbor.AppendBytes(dcbor.AppendBytes(nil, gy), h1[:]))
	prk, err = suite.Extract(h2[:], shared)
	return h2[:], prk, err
}

func (e *exchange) plaintext2(_ vectors.MessageParams, data []byte, read *vectors.MessageTest) error {
	phone, message1, err := e.initiator()
	if err != nil {
		return fmt.Errorf("%w: %w", errForm, err)
	}
	gx := message1[4:36]
	th2, prk, err := e.agreed(gx, e.own.Public(), message1)
	if err != nil {
		return fmt.Errorf("%w: %w", errForm, err)
	}
	sealed := xor(data, expand(prk, 0, th2, len(data)))
	var id message.IDCred
	_, err = phone.ReadMessage2(dcbor.AppendBytes(nil, slices.Concat(e.own.Public(), sealed)), func(header []byte) (edhoc.Peer, error) {
		if id, err = message.ParseIDCred(header); err != nil {
			return edhoc.Peer{}, err
		}
		return edhoc.Peer{}, errReached
	})
	if !errors.Is(err, errReached) {
		return err
	}
	r := items{data}
	told := vectors.Plaintext2{CR: r.int()}
	switch id.Header {
	case wire.HeaderKid:
		told.Kid = id.Value
	case wire.HeaderKcwt:
		told.Certificate = id.Value
	default:
		return errors.New("neither key id nor certificate")
	}
	r.next()
	told.Signature = r.bytes()
	read.Plaintext2 = &told
	return nil
}

func (e *exchange) plaintext3(_ vectors.MessageParams, data []byte, read *vectors.MessageTest) error {
	message1 := dcbor.AppendInt(dcbor.AppendBytes([]byte{0, wire.SuiteX25519Ed25519}, e.own.Public()), 0)
	lock, message2, err := edhoc.Accept(message1, e.responder([]int{wire.SuiteX25519Ed25519}))
	if err != nil {
		return fmt.Errorf("%w: %w", errForm, err)
	}
	joined, _, err := dcbor.NextBytes(message2)
	if err != nil {
		return fmt.Errorf("%w: %w", errForm, err)
	}
	gy, ciphertext2 := joined[:32], joined[32:]
	th2, prk, err := e.agreed(gy, gy, message1)
	if err != nil {
		return fmt.Errorf("%w: %w", errForm, err)
	}
	plaintext2 := xor(ciphertext2, expand(prk, 0, th2, len(ciphertext2)))
	th3 := sha256.Sum256(slices.Concat(dcbor.AppendBytes(nil, th2), plaintext2, e.locals[wire.SuiteX25519Ed25519].Cred))
	sealed, err := seal3(prk, th3[:], data)
	if err != nil {
		return fmt.Errorf("%w: %w", errForm, err)
	}
	var told vectors.Plaintext3
	_, err = lock.ReadMessage3(dcbor.AppendBytes(nil, sealed), func(header []byte) (edhoc.Peer, error) {
		if err := told3(header, &told); err != nil {
			return edhoc.Peer{}, err
		}
		return edhoc.Peer{}, errReached
	})
	if !errors.Is(err, errReached) {
		return err
	}
	r := items{data}
	r.next()
	told.Signature = r.bytes()
	read.Plaintext3 = &told
	return nil
}

// seal3 makes CIPHERTEXT_3.
func seal3(prk, th3, plaintext []byte) ([]byte, error) {
	ccm, err := suite.NewCCM([suite.CCMKeySize]byte(expand(prk, 3, th3, suite.CCMKeySize)))
	if err != nil {
		return nil, err
	}
	a3 := slices.Concat([]byte("\x83\x68Encrypt0\x40"), dcbor.AppendBytes(nil, th3))
	return ccm.Seal([suite.CCMNonceSize]byte(expand(prk, 4, th3, suite.CCMNonceSize)), plaintext, a3)
}

// told3 reads ID_CRED_I as a lock does.
func told3(header []byte, told *vectors.Plaintext3) error {
	id, err := message.ParseIDCred(header)
	if err != nil {
		return err
	}
	switch id.Header {
	case wire.HeaderKcwt:
		told.Grant = id.Value
		_, err = credential.ParseGrant(id.Value)
		return err
	case wire.HeaderKccs:
		key, err := credential.ParseClaimsSet(id.Value)
		told.Key = toldKey(key)
		return err
	}
	return errors.New("neither grant nor claims set")
}

// readHandshake2 takes message_3 and what follows it, which a channel opens only
// where it is longer than a tag.
func readHandshake2(_ vectors.MessageParams, data []byte, read *vectors.MessageTest) error {
	message3, sealed, err := edhoc.SplitMessage3(data)
	switch {
	case err != nil:
		return err
	case len(sealed) <= edhoc.ChannelOverhead:
		return errors.New("no request follows message_3")
	}
	read.Handshake2 = &vectors.Handshake2{Message3: message3, Sealed: sealed}
	return nil
}

func readResume(_ vectors.MessageParams, data []byte, read *vectors.MessageTest) error {
	nonce, id, sealed, err := edhoc.SplitResume(data)
	if err != nil {
		return err
	}
	read.Resume = &vectors.Resume{Nonce: nonce[:], ID: id[:], Sealed: sealed}
	return nil
}
