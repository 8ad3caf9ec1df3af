package edhoc_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
)

// newLocal makes a key and dresses it as CWT claims set, { 8: { 1: COSE_Key } },
// by value: { 14: claims set }.
func newLocal() edhoc.Local {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	signer, err := suite.NewSigner(private)
	if err != nil {
		panic(err)
	}
	head := []byte{0xa1, 0x08, 0xa1, 0x01, 0xa3, 0x01, 0x01, 0x20, 0x06, 0x21, 0x58, 0x20}
	cred := slices.Concat(head, signer.PublicKey().X())
	return edhoc.Local{IDCred: slices.Concat([]byte{0xa1, wire.HeaderKccs}, cred), Cred: cred, Signer: signer}
}

// accepts is a resolver that accepts one peer.
func accepts(peer edhoc.Local) edhoc.Resolver {
	return func(idCred []byte) (edhoc.Peer, error) {
		if !bytes.Equal(idCred, peer.IDCred) {
			return edhoc.Peer{}, errors.New("somebody else")
		}
		return edhoc.Peer{Cred: peer.Cred, Key: peer.Signer.PublicKey()}, nil
	}
}

// A phone and a lock agree on a channel, and the phone sends a request with its
// message_3.
func Example() {
	phone, lock := newLocal(), newLocal()
	selectHash := sha256.Sum256([]byte("the SELECT command and its answer"))
	must := func(err error) {
		if err != nil {
			panic(err)
		}
	}

	// The phone starts, the lock accepts.
	suites := []int{wire.SuiteX25519Ed25519}
	initiator1, message1, err := edhoc.Start(edhoc.InitiatorConfig{Suites: suites, Rand: rand.Reader})
	must(err)
	responder1, message2, err := edhoc.Accept(message1, edhoc.ResponderConfig{
		Suites: suites,
		Local:  func(int) (edhoc.Local, error) { return lock, nil },
		Rand:   rand.Reader,
	})
	must(err)

	// The phone knows whom it talks to, and shows who it is.
	initiator2, err := initiator1.ReadMessage2(message2, accepts(lock))
	must(err)
	message3, exporter, err := initiator2.WriteMessage3(phone)
	must(err)
	channel, err := edhoc.NewChannel(exporter, selectHash[:], true)
	must(err)
	request, err := channel.Seal([]byte("open"))
	must(err)
	command := slices.Concat(message3, request)

	// The lock knows whom it talks to, and reads the request.
	message3, request, err = edhoc.SplitMessage3(command)
	must(err)
	exporter, err = responder1.ReadMessage3(message3, accepts(phone))
	must(err)
	channel, err = edhoc.NewChannel(exporter, selectHash[:], false)
	must(err)
	plaintext, err := channel.Open(request)
	must(err)
	fmt.Printf("%s\n", plaintext)
	// Output: open
}
