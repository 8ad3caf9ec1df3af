package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/audit"
	"github.com/postern-lock/postern/credential/holder"
)

// trusted is the file that says whom an audit trusts.
type trusted struct {
	Roots  []credential.PublicKey `json:"roots"`           // such as "ed25519:" and 64 hexadecimal digits
	Makers []encoded              `json:"makers"`          // manufacturers' certificates
	Lists  []encoded              `json:"lists,omitempty"` // schemes' revocation lists
	// Certificates of locks, for receipts that come without.
	Certificates []encoded `json:"certificates,omitempty"`
}

// secrets is the file with the log keys of locks, by their ids.
type secrets map[string][]encoded

// readJSON reads a file that holds one JSON value and nothing else.
func readJSON(name string, v any) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if !ended(d) {
		return fmt.Errorf("%s: more than one value", name)
	}
	return nil
}

// config makes the configuration of an audit.
func (t trusted) config() (audit.Config, error) {
	c := audit.Config{Roots: t.Roots, Makers: plain(t.Makers), Lists: plain(t.Lists)}
	type key struct {
		lock credential.LockID
		id   credential.KeyID
	}
	known := map[key][][]byte{}
	for i, object := range t.Certificates {
		u, err := credential.ParseLockCertificate(object)
		if err != nil {
			return c, fmt.Errorf("trust: certificate %d: %w", i+1, err)
		}
		k := key{u.Claims.ID, credential.KeyIDOf(u.Claims.Key)}
		known[k] = append(known[k], object)
	}
	c.Certificates = func(lock credential.LockID, id credential.KeyID) [][]byte { return known[key{lock, id}] }
	return c, nil
}

// logKeys are the log keys of each lock.
type logKeys map[credential.LockID]holder.LogKeys

// keys returns the log keys.
func (s secrets) keys() (logKeys, error) {
	all := logKeys{}
	for name, keys := range s {
		id, err := credential.ParseLockID(name)
		if err != nil {
			return nil, err
		}
		for _, b := range keys {
			if len(b) != 32 {
				return nil, errors.New("keys: a log key of lock " + name + " is not 32 bytes")
			}
			all[id] = append(all[id], holder.NewLogKey([32]byte(b)))
		}
	}
	return all, nil
}

// blinds tells what stands for a head under each log key of the lock.
func (k logKeys) blinds(id credential.LockID, head credential.LogHead) (all []credential.LogHead) {
	for _, key := range k[id] {
		all = append(all, key.Blind(head))
	}
	return all
}

// plain returns the bytes as the library takes them.
func plain(objects []encoded) (all [][]byte) {
	for _, object := range objects {
		all = append(all, object)
	}
	return all
}
