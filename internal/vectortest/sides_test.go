package vectortest

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"errors"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// privateKey is a key of a cipher suite by its 32 bytes.
func privateKey(cipherSuite int, private []byte) (crypto.Signer, error) {
	if len(private) != ed25519.SeedSize {
		return nil, errors.New("a private key is not of 32 bytes")
	}
	if cipherSuite == wire.SuiteP256Es256 {
		return ecdsa.ParseRawPrivateKey(elliptic.P256(), private)
	}
	return ed25519.NewKeyFromSeed(private), nil
}

func signerOf(cipherSuite int, private []byte) (suite.Signer, error) {
	key, err := privateKey(cipherSuite, private)
	if err != nil {
		return nil, err
	}
	return suite.NewSigner(key)
}

// publicKey reads a COSE_Key, by way of the claims set around it.
func publicKey(coseKey []byte) (credential.PublicKey, error) {
	return credential.ParseClaimsSet(append([]byte{0xa1, 0x08, 0xa1, 0x01}, coseKey...))
}

func publicKeys(coseKeys []vectors.Hex) ([]credential.PublicKey, error) {
	var keys []credential.PublicKey
	for _, k := range coseKeys {
		key, err := publicKey(k)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// unclamped tells whether an X25519 scalar is not clamped.
func unclamped(cipherSuite int, private []byte) bool {
	return cipherSuite == wire.SuiteX25519Ed25519 && (len(private) != 32 || private[0]&7 != 0 || private[31]&0xc0 != 0x40)
}

// replay is a lock that answers as a test says, and compares the commands.
type replay struct {
	pairs []vectors.Pair
	next  int
	err   error // the first difference
}

func (r *replay) Reset() {}

func (r *replay) Handle(c apdu.Command) apdu.Response {
	failure := apdu.Response{SW: apdu.StatusFailure}
	if r.next >= len(r.pairs) {
		r.fail(fmt.Errorf("the phone goes on with %02X", c.INS))
		return failure
	}
	pair := r.pairs[r.next]
	r.next++
	want, err := apdu.ParseCommand(pair.Command)
	if err != nil || want.Ne != 256 {
		r.fail(fmt.Errorf("command %d is not one with Le 00: %w", r.next, err))
		return failure
	}
	if c.CLA != want.CLA || c.INS != want.INS || c.P1 != want.P1 || c.P2 != want.P2 || !bytes.Equal(c.Data, want.Data) {
		r.fail(fmt.Errorf("the phone sent %02X%02X%02X%02X %x", c.CLA, c.INS, c.P1, c.P2, c.Data))
	}
	response, err := apdu.ParseResponse(pair.Response)
	if err != nil {
		r.fail(err)
		return failure
	}
	return response
}

func (r *replay) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// link is the phone's end of a link to the replay.
func (r *replay) link() apdu.Transceiver {
	return apdu.Direct(apdu.NewCard(r, apdu.CardConfig{}))
}

// end tells what differed, commands that never came among it.
func (r *replay) end() error {
	if r.err == nil && r.next < len(r.pairs) {
		return fmt.Errorf("the phone sent %d commands of %d", r.next, len(r.pairs))
	}
	return r.err
}

// phoneReason names what the phone refused, and "" where it did not.
func phoneReason(err error) string {
	var fault *holder.Error
	if errors.As(err, &fault) {
		return fault.Reason.String()
	}
	return ""
}

// phoneOf is the phone of a group, which draws from rand.
func phoneOf(p vectors.ExchangeParams, rand []byte) (*holder.Phone, error) {
	if !slices.Contains(p.Phone.Suites, p.Suite) {
		return nil, errors.New("the phone lacks the suite of its key")
	}
	private, err := privateKey(p.Suite, p.Phone.Private)
	if err != nil {
		return nil, err
	}
	key, err := holder.NewKey(private)
	if err != nil {
		return nil, err
	}
	roots, err := publicKeys(p.Phone.Roots)
	if err != nil {
		return nil, err
	}
	phone := &holder.Phone{Key: key, Roots: roots, Locks: holder.NewMemory(), Rand: bytes.NewReader(rand)}
	for _, m := range p.Phone.Makers {
		phone.Makers = append(phone.Makers, m)
	}
	if len(p.Phone.Chosen) != len(phone.Expect) {
		return nil, errors.New("the lock id chosen is not of 8 bytes")
	}
	phone.Expect = credential.LockID(p.Phone.Chosen)
	known := holder.KnownLock{Version: uint64(p.Phone.Version)}
	if p.Phone.Remembered != nil {
		known.Certificates = [][]byte{p.Phone.Remembered}
	}
	if err := phone.Locks.Remember(phone.Expect, known); err != nil {
		return nil, err
	}
	grant, bare, err := credentialOf(p.Phone.IDCredI)
	if err != nil {
		return nil, err
	}
	if phone.Grant = grant; grant == nil && bare != key.PublicKey() {
		return nil, errors.New("the bare key is not the phone's")
	}
	return phone, nil
}

// credentialOf takes ID_CRED_I apart: a grant, or a bare key.
func credentialOf(idCred []byte) ([]byte, credential.PublicKey, error) {
	switch {
	case bytes.HasPrefix(idCred, []byte{0xa1, 0x0d}):
		return idCred[2:], credential.PublicKey{}, nil
	case bytes.HasPrefix(idCred, []byte{0xa1, 0x0e}):
		key, err := credential.ParseClaimsSet(idCred[2:])
		return nil, key, err
	}
	return nil, credential.PublicKey{}, errors.New("ID_CRED_I is neither a grant nor a claims set")
}

// tapped has the phone do one tap with what the request asks.
func tapped(phone *holder.Phone, link apdu.Transceiver, operation credential.Operation, setup []byte) error {
	if setup != nil {
		if len(setup) != wire.LimitSetupBytes {
			return errors.New("setup secret is not of 16 bytes")
		}
		_, _, err := phone.Commission(context.Background(), link, [wire.LimitSetupBytes]byte(setup))
		return err
	}
	_, err := phone.Do(context.Background(), link, holder.Ask{Operation: operation})
	return err
}

// ours tells whether a phone of this implementation would send such a message_1
// in one try: it has one suite and the identifier 0.
func ours(p vectors.ExchangeParams, test vectors.ExchangeTest) bool {
	if len(p.Phone.Suites) != 1 || test.Before != nil {
		return false
	}
	if test.Handshake1 == nil {
		return true
	}
	c, err := apdu.ParseCommand(test.Handshake1.Command)
	return err != nil || len(c.Data) == 0 || c.Data[len(c.Data)-1] == 0
}

// pairsOf are the commands of a test in turn.
func pairsOf(test vectors.ExchangeTest) []vectors.Pair {
	pairs := []vectors.Pair{test.Select}
	for _, p := range []*vectors.Pair{test.Handshake1, test.Handshake2} {
		if p != nil {
			pairs = append(pairs, *p)
		}
	}
	return slices.Clone(pairs)
}

// losing is a link that loses the second answer.
type losing struct {
	apdu.Transceiver
	answers *int
}

func (l losing) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	response, err := l.Transceiver.Transceive(ctx, command)
	if *l.answers++; *l.answers == 2 {
		return nil, errors.New("the field is gone")
	}
	return response, err
}

// hmacOf is HKDF-Extract.
func hmacOf(salt, ikm []byte) []byte {
	b, _ := suite.Extract(salt, ikm) // it never fails
	return b
}
