package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/postern-lock/postern/credential"
)

// mostFile is the length in bytes of any file that is read: a request, a key, a
// certificate.
const mostFile = 1024

// readFile reads a small file whole.
func readFile(name string) ([]byte, error) { return readUpTo(name, mostFile) }

// readUpTo reads a file of at most so many bytes.
func readUpTo(name string, most int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > most {
		return nil, fmt.Errorf("%s: longer than %d bytes", name, most)
	}
	return b, nil
}

// writeNew writes a file that must not exist, down to the disk or the stick.
func writeNew(name string, b []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

// readKey reads a public key that make wrote.
func readKey(name string) (credential.PublicKey, error) {
	var key credential.PublicKey
	b, err := readFile(name)
	if err == nil {
		err = key.UnmarshalText(bytes.TrimSuffix(b, []byte("\n")))
	}
	if err != nil {
		return key, fmt.Errorf("public key: %w", err)
	}
	return key, nil
}

// readAuthority reads a certificate that the root signed.
func readAuthority(name string, root credential.PublicKey) (*credential.Authority, error) {
	b, err := readFile(name)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	u, err := credential.ParseAuthority(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	v := credential.Verifier{Roots: []credential.PublicKey{root}}
	a, err := v.Authority(u)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return a, nil
}

// claimsOf are what a verified certificate says.
func claimsOf(a *credential.Authority) credential.AuthorityClaims {
	return credential.AuthorityClaims{
		Key: a.Key(), IssuedAt: a.IssuedAt(), Expires: a.Expires(), Services: a.Services(), Rights: a.Rights(), LongestGrant: a.LongestGrant(),
	}
}
