package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/postern-lock/postern/credential"
)

// wish is what somebody asks a scheme to certify.  As a file it is text that people
// can read, signed with the key that it asks for:
//
//	Postern authority request 1
//	key ed25519:...
//	rights issue+revoke+time
//	services 1
//	longest 302400
//	days 90
//	made 2027-03-01T08:00:00Z
//	signature ...
//
// Each line ends with one newline and has its fields in exactly this form.  The
// signature is in hexadecimal, over all lines before its own: Ed25519, or ECDSA in
// DER over SHA-256.  No object of the standard begins as such a file does.
type wish struct {
	key      credential.PublicKey
	rights   credential.Rights
	services []credential.Service
	longest  time.Duration // of a grant; whole seconds
	days     uint          // that the certificate is to run
	made     credential.Time
}

// heading is the first line of a request.
const heading = "Postern authority request 1"

// mostDays is the longest time that can be asked for, ten years.
const mostDays = 3660

// errRequest says that a file is no request.
var errRequest = errors.New("not an authority request")

// errStranger says that the signature of a request is somebody else's, or none.
var errStranger = fmt.Errorf("%w: the signature is not by the key that it asks for", errRequest)

// rightNames are the rights by their names.
var rightNames = map[string]credential.Rights{
	"issue": credential.RightIssue, "revoke": credential.RightRevoke, "time": credential.RightTime, "lock": credential.RightLock,
}

// claims are what a certificate of the wish says when it is issued at that time.
func (w wish) claims(at credential.Time) credential.AuthorityClaims {
	return credential.AuthorityClaims{
		Key: w.key, IssuedAt: at, Expires: credential.At(at.Time().AddDate(0, 0, int(w.days))),
		Services: w.services, Rights: w.rights, LongestGrant: w.longest,
	}
}

// fresh refuses a request that was made so many days before the time, or after it: one
// that was answered long ago, by somebody who found it and has the key by now, is none
// to answer again.
func (w wish) fresh(now credential.Time, days uint) error {
	if w.made > now || uint64(now-w.made) > uint64(days)*24*3600 {
		return fmt.Errorf("the request was made %v, and only those of the %d days before %v are certified", w.made, days, now)
	}
	return nil
}

// body returns the lines without the signature.  It refuses what no scheme could certify.
func (w wish) body() ([]byte, error) {
	if w.days < 1 || w.days > mostDays {
		return nil, fmt.Errorf("%w: %d days, want 1 to %d", errRequest, w.days, mostDays)
	}
	if _, err := credential.NewAuthority(w.claims(w.made), w.key); err != nil {
		return nil, fmt.Errorf("%w: %w", errRequest, err)
	}
	key, err := w.key.MarshalText()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errRequest, err)
	}
	var services []string
	for _, s := range w.services {
		services = append(services, strconv.FormatUint(uint64(s), 10))
	}
	return fmt.Appendf(nil, "%s\nkey %s\nrights %v\nservices %s\nlongest %d\ndays %d\nmade %v\n",
		heading, key, w.rights, strings.Join(services, ","), w.longest/time.Second, w.days, w.made), nil
}

// sign returns the request as a file, and with it the proof that whoever asks has
// the key.  It refuses a signature that is not by the key: a token can go mad.
func (w wish) sign(key crypto.Signer) ([]byte, error) {
	body, err := w.body()
	if err != nil {
		return nil, err
	}
	message, opts := body, crypto.SignerOpts(crypto.Hash(0))
	if _, ok := key.Public().(*ecdsa.PublicKey); ok {
		digest := sha256.Sum256(body)
		message, opts = digest[:], crypto.SHA256
	}
	signature, err := key.Sign(nil, message, opts)
	if err != nil {
		return nil, err
	}
	if !verifies(w.key.CryptoKey(), body, signature) {
		return nil, errStranger
	}
	return fmt.Appendf(body, "signature %x\n", signature), nil
}

// parseWish reads a request and verifies its signature.
func parseWish(file []byte) (wish, error) {
	if len(file) > mostFile {
		return wish{}, fmt.Errorf("%w: longer than %d bytes", errRequest, mostFile)
	}
	lines := strings.Split(string(file), "\n")
	if len(lines) != 9 || lines[0] != heading || lines[8] != "" {
		return wish{}, fmt.Errorf("%w: want 8 lines, the first %q", errRequest, heading)
	}
	field := map[string]string{}
	for _, line := range lines[1:8] {
		name, value, _ := strings.Cut(line, " ")
		field[name] = value
	}
	w, err := readFields(field)
	if err != nil {
		return wish{}, err
	}
	body, err := w.body()
	if err != nil {
		return wish{}, err
	}
	signature, err := hex.DecodeString(field["signature"])
	if whole := fmt.Appendf(slices.Clone(body), "signature %x\n", signature); err != nil || string(whole) != string(file) {
		return wish{}, fmt.Errorf("%w: it is not in the one form that it can have", errRequest)
	}
	if !verifies(w.key.CryptoKey(), body, signature) {
		return wish{}, errStranger
	}
	return w, nil
}

// readFields reads the values; their one form is for the caller to see to.
func readFields(field map[string]string) (wish, error) {
	var w wish
	var err error
	bad := func(name string) (wish, error) {
		return wish{}, fmt.Errorf("%w: %s: %q", errRequest, name, field[name])
	}
	if w.key.UnmarshalText([]byte(field["key"])) != nil {
		return bad("key")
	}
	if w.rights, err = parseRights(field["rights"]); err != nil {
		return bad("rights")
	}
	if w.services, err = parseServices(field["services"]); err != nil {
		return bad("services")
	}
	longest, err := strconv.ParseUint(field["longest"], 10, 32)
	if err != nil {
		return bad("longest")
	}
	w.longest = time.Duration(longest) * time.Second
	days, err := strconv.ParseUint(field["days"], 10, 16)
	if err != nil {
		return bad("days")
	}
	w.days = uint(days)
	made, err := time.Parse(time.RFC3339, field["made"])
	if err != nil {
		return bad("made")
	}
	w.made = credential.At(made)
	return w, nil
}

// parseRights reads names joined by "+".
func parseRights(text string) (credential.Rights, error) {
	var all credential.Rights
	for _, name := range strings.Split(text, "+") {
		right, ok := rightNames[name]
		if !ok {
			return 0, fmt.Errorf("%w: no right is called %q", errRequest, name)
		}
		all |= right
	}
	return all, nil
}

// parseServices reads numbers joined by commas; none where there is nothing.
func parseServices(text string) ([]credential.Service, error) {
	if text == "" {
		return nil, nil
	}
	var all []credential.Service
	for _, number := range strings.Split(text, ",") {
		n, err := strconv.ParseUint(number, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("%w: service %q is no number", errRequest, number)
		}
		all = append(all, credential.Service(n))
	}
	return all, nil
}

// verifies reports whether the key signed the message.
func verifies(key crypto.PublicKey, message, signature []byte) bool {
	switch key := key.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(key, message, signature)
	case *ecdsa.PublicKey:
		digest := sha256.Sum256(message)
		return ecdsa.VerifyASN1(key, digest[:], signature)
	}
	return false
}
