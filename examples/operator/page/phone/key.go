//go:build js

package main

import (
	"crypto"
	"crypto/ed25519"
	"io"
)

// browserKey is the key that the browser keeps: WebCrypto signs with it, and gives
// it to nobody.
type browserKey struct {
	host   host
	public ed25519.PublicKey
}

// Public returns the public half.
func (k browserKey) Public() crypto.PublicKey { return k.public }

// Sign returns the signature over the message, which is not hashed before.
func (k browserKey) Sign(_ io.Reader, message []byte, _ crypto.SignerOpts) ([]byte, error) {
	return k.host.sign(message)
}
