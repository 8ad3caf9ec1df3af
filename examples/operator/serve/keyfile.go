package serve

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/postern-lock/postern/credential"
)

// maxFile is how many bytes of a file of a key are read at most.
const maxFile = 1 << 20

// What can be wrong with a file of a key.  No error shows what is in it.
var (
	errMode = errors.New("others than its owner may read it; chmod 600")
	errPEM  = errors.New("want one PEM block PRIVATE KEY (PKCS#8) with an Ed25519 key or one on P-256")
)

// keyFile reads a private key from a PEM file that nobody but its owner may read.
// The mode is that of the file that is read, whatever is put in its place meanwhile.
func keyFile(name string) (crypto.Signer, error) {
	text, err := privateFile(name)
	if err != nil {
		return nil, err
	}
	key, err := parseKey(text)
	clear(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return key, nil
}

// privateFile reads a file that nobody but its owner may read.
func privateFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	switch info, err := f.Stat(); {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: is no file", name)
	case info.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("%s: %w", name, errMode)
	}
	return io.ReadAll(io.LimitReader(f, maxFile))
}

func parseKey(text []byte) (crypto.Signer, error) {
	block, rest := pem.Decode(text)
	if block == nil || block.Type != "PRIVATE KEY" || len(rest) > 0 {
		return nil, errPEM
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	clear(block.Bytes)
	if err != nil {
		return nil, errPEM
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errPEM
	}
	if _, err := credential.NewPublicKey(signer.Public()); err != nil {
		return nil, errPEM
	}
	return signer, nil
}
