package edhoc

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"

	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
)

// A LogKey is what lock and owner agree when the lock gets its owner: under it
// pages of the log leave the lock, by whoever visits. This is not part of RFC
// 9528: chapter 19 of the specification defines it.
type LogKey [hashLength]byte

// LogKey derives the key:
//
//	LogKey = EDHOC_Exporter( 32771, SELECT hash, 32 )
//
// Errors are those of Export, and [ErrLocal] for the hash.
func (e *Exporter) LogKey(selectHash []byte) (*LogKey, error) {
	key, err := e.exportFor(wire.LabelLog, selectHash)
	if err != nil {
		return nil, err
	}
	return (*LogKey)(key), nil
}

// saltLength is the length of a sealed page's salt in bytes.
const saltLength = 16

// SealedLogLength is the length of every sealed page: salt, page and tag.
const SealedLogLength = saltLength + wire.LimitLogPageBytes + suite.CCMTagSize

// Seal seals a page of at most [wire.LimitLogPageBytes] bytes, filled up with
// zeros to exactly that:
//
//	salt = EDHOC_KDF( LogKey, 1, SHA-256( page ), 16 )
//	OKM  = EDHOC_KDF( LogKey, 2, salt, 29 )
//	     = key (16) || nonce (13)
//	sealed = salt || AES-CCM-16-64-128( key, nonce, no additional data, page )
//
// The salt follows from the page, so a key and a nonce seal one page only, and no
// random source takes part. What it returns has [SealedLogLength] bytes. The error
// is [ErrLimit] for a page that is too long.
func (k *LogKey) Seal(page []byte) ([]byte, error) {
	if len(page) > wire.LimitLogPageBytes {
		return nil, &Error{Kind: ErrLimit, Field: "page", Detail: "it is too long"}
	}
	var whole [wire.LimitLogPageBytes]byte
	copy(whole[:], page)
	salt, err := k.salt(whole[:])
	if err != nil {
		return nil, err
	}
	aead, nonce, err := k.aead(salt)
	if err != nil {
		return nil, err
	}
	sealed, err := aead.Seal(nonce, whole[:], nil)
	if err != nil {
		return nil, &Error{Kind: ErrLimit, Err: err}
	}
	return append(salt, sealed...), nil
}

// Open returns the page that Seal sealed, [wire.LimitLogPageBytes] bytes long with
// the zeros behind it. The error is [ErrDecrypt] for anything that this key did
// not seal.
func (k *LogKey) Open(sealed []byte) ([]byte, error) {
	if len(sealed) != SealedLogLength {
		return nil, &Error{Kind: ErrDecrypt, Field: "page", Detail: "its length is not that of a sealed page"}
	}
	aead, nonce, err := k.aead(sealed[:saltLength])
	if err != nil {
		return nil, err
	}
	page, err := aead.Open(nonce, sealed[saltLength:], nil)
	if err != nil {
		return nil, &Error{Kind: ErrDecrypt, Field: "page", Err: err}
	}
	salt, err := k.salt(page)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare(salt, sealed[:saltLength]) != 1 {
		return nil, &Error{Kind: ErrDecrypt, Field: "page", Detail: "the salt is that of another page"}
	}
	return page, nil
}

// salt derives the salt of a page.
func (k *LogKey) salt(page []byte) ([]byte, error) {
	sum := sha256.Sum256(page)
	return kdf(k[:], wire.LogLabelSalt, saltLength, sum[:])
}

// aead derives key and nonce that belong to a salt.
func (k *LogKey) aead(salt []byte) (*suite.CCM, [ivLength]byte, error) {
	okm, err := kdf(k[:], wire.LogLabelPage, keyLength+ivLength, salt)
	if err != nil {
		return nil, [ivLength]byte{}, err
	}
	defer clear(okm)
	aead, err := suite.NewCCM([keyLength]byte(okm[:keyLength]))
	if err != nil {
		return nil, [ivLength]byte{}, derivationError(err)
	}
	return aead, [ivLength]byte(okm[keyLength:]), nil
}

// Format keeps the key out of what is printed, whatever the verb.
func (k LogKey) Format(f fmt.State, _ rune) { io.WriteString(f, "edhoc.LogKey") }
