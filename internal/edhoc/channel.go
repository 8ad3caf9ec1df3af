package edhoc

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"io"
	"sync"

	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
)

// ChannelOverhead is how many bytes a sealed message is longer than what it
// holds.
const ChannelOverhead = suite.CCMTagSize

// A Channel protects the requests of the initiator and the responses of the
// responder after a run. Each direction has a key, an IV and a counter of its
// own, so a message opens on the other side, once, and in its turn:
//
//	keys  = EDHOC_Exporter( 32768, context, 58 )
//	      = request key (16) || response key (16) || request IV (13) || response IV (13)
//	nonce = IV XOR the number of the message in its direction, from 0, as 13 bytes
//
// The AEAD is AES-CCM-16-64-128 without additional data. The context is the hash
// of the SELECT command and its answer: two sides that saw different bytes there
// cannot open each other's messages.
//
// A message that does not open ends the channel, in both directions and for
// good: the tag has 8 bytes, so nobody gets a second guess. Each direction
// carries [wire.LimitRequests] messages at most. A Channel may be used by several
// goroutines. The zero Channel has ended.
type Channel struct {
	mu      sync.Mutex
	out, in *direction // nil when the channel has ended
}

// A direction is the state of one side's messages.
type direction struct {
	aead *suite.CCM
	iv   [ivLength]byte
	next uint64 // number of the next message
}

// NewChannel derives the channel of a run. SelectHash is the SHA-256 of the
// SELECT command and its whole answer, 32 bytes; initiator says which side this
// is. A run has one channel: two with the same keys would use nonces twice.
// Errors: [ErrLocal] for the hash; [ErrUsed] for an Exporter that has a channel
// already or that no run has made.
func NewChannel(e *Exporter, selectHash []byte, initiator bool) (*Channel, error) {
	if len(selectHash) != sha256.Size {
		return nil, &Error{Kind: ErrLocal, Field: "selectHash", Detail: "not 32 bytes"}
	}
	keys, err := e.Export(wire.LabelChannel, selectHash, channelKeysLength)
	if err != nil {
		return nil, err
	}
	defer clear(keys)
	if e.hasChannel.Swap(true) {
		return nil, &Error{Kind: ErrUsed, Detail: "the run has a channel already"}
	}
	return newChannel(keys, initiator)
}

// channelKeysLength is the length of both keys and both IVs of a channel.
const channelKeysLength = 2*keyLength + 2*ivLength

// newChannel divides the keys of a channel.
func newChannel(keys []byte, initiator bool) (*Channel, error) {
	requestKey, responseKey := keys[:keyLength], keys[keyLength:2*keyLength]
	requestIV, responseIV := keys[2*keyLength:2*keyLength+ivLength], keys[2*keyLength+ivLength:]

	requests, err := newDirection(requestKey, requestIV)
	if err != nil {
		return nil, err
	}
	responses, err := newDirection(responseKey, responseIV)
	if err != nil {
		return nil, err
	}
	if initiator {
		return &Channel{out: requests, in: responses}, nil
	}
	return &Channel{out: responses, in: requests}, nil
}

func newDirection(key, iv []byte) (*direction, error) {
	aead, err := suite.NewCCM([keyLength]byte(key))
	if err != nil {
		return nil, derivationError(err)
	}
	return &direction{aead: aead, iv: [ivLength]byte(iv)}, nil
}

// Seal protects this side's next message. What it returns is [ChannelOverhead]
// bytes longer than plaintext. Errors: [ErrLimit] where plaintext is too long for
// a command or a response, or where all messages of this direction are used up;
// [ErrClosed]. Neither uses up a number.
func (c *Channel) Seal(plaintext []byte) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.out == nil {
		return nil, &Error{Kind: ErrClosed}
	}
	if len(plaintext) > maxMessage-ChannelOverhead {
		return nil, &Error{Kind: ErrLimit, Detail: "message is too long"}
	}
	nonce, err := c.out.nonce()
	if err != nil {
		return nil, err
	}
	ciphertext, err := c.out.aead.Seal(nonce, plaintext, nil)
	if err != nil {
		return nil, &Error{Kind: ErrLimit, Err: err}
	}
	return ciphertext, nil
}

// Open returns what the other side's next message holds. Every error ends the
// channel: [ErrDecrypt], [ErrLimit] where the message is too long or one too
// many, [ErrClosed] where it has ended before.
func (c *Channel) Open(ciphertext []byte) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.in == nil {
		return nil, &Error{Kind: ErrClosed}
	}
	plaintext, err := c.in.open(ciphertext)
	if err != nil {
		c.out, c.in = nil, nil
		return nil, err
	}
	return plaintext, nil
}

func (d *direction) open(ciphertext []byte) ([]byte, error) {
	if len(ciphertext) > maxMessage {
		return nil, &Error{Kind: ErrLimit, Detail: "message is too long"}
	}
	nonce, err := d.nonce()
	if err != nil {
		return nil, err
	}
	plaintext, err := d.aead.Open(nonce, ciphertext, nil)
	if err != nil {
		return nil, &Error{Kind: ErrDecrypt, Err: err}
	}
	return plaintext, nil
}

// nonce returns the nonce of the next message, and counts it.
func (d *direction) nonce() ([ivLength]byte, error) {
	if d.next >= wire.LimitRequests {
		return [ivLength]byte{}, &Error{Kind: ErrLimit, Detail: "all messages of this direction are used up"}
	}
	var nonce [ivLength]byte
	binary.BigEndian.PutUint64(nonce[ivLength-8:], d.next)
	subtle.XORBytes(nonce[:], nonce[:], d.iv[:])
	d.next++
	return nonce, nil
}

// Format keeps keys and IVs out of what is printed, whatever the verb.
func (c *Channel) Format(f fmt.State, _ rune) { io.WriteString(f, "edhoc.Channel") }
