package lock_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/lock"
	"github.com/postern-lock/postern/lock/locktest"
)

// A maker certifies a lock's key, formats its flash once, and from then on
// starts the lock whenever a field powers it and hands every command to it.
func Example() {
	now := credential.At(time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC))
	schemeKey, makerKey, lockKey := newKey(), newKey(), newKey()
	var setup [16]byte
	_, _ = rand.Read(setup[:])

	// The scheme certifies the maker, the maker certifies the lock.
	scheme, _ := issuer.NewScheme(schemeKey)
	makerCertificate, _ := scheme.Certify(credential.AuthorityClaims{
		Key: public(makerKey), IssuedAt: now, Expires: now + 365*86400, Rights: credential.RightLock,
	})
	unverified, _ := credential.ParseAuthority(makerCertificate)
	verifier := credential.Verifier{Roots: []credential.PublicKey{scheme.PublicKey()}}
	authority, _ := verifier.Authority(unverified)
	maker, _ := issuer.NewMaker(makerKey, authority)
	id := credential.LockID{0xC0, 0xFF, 0xEE, 0, 0, 0, 0, 1}
	certificate, _ := maker.Certify(credential.LockClaims{
		Key: public(lockKey), IssuedAt: now, ID: id, Profile: 1, Level: 1,
	})

	// Once, at manufacture.
	flash := locktest.NewFlash()
	if err := lock.Format(flash); err != nil {
		fmt.Println(err)
		return
	}

	// Whenever a field powers the lock.
	l, err := lock.New(lock.Config{
		ID:         id,
		Area:       []byte("FR75011042"),
		Identities: []lock.Identity{{Key: lockKey, Certificate: certificate}},
		Roots:      []credential.PublicKey{scheme.PublicKey()},
		Setup:      setup, // printed inside the box
		Flash:      flash,
		Actuator:   &locktest.Bolt{Motion: lock.Moved},
		Rand:       rand.Reader,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	command, _ := apdu.Select([]byte("\xF0POSTERN\x01")).Bytes()
	answer := l.Process(command)
	fmt.Printf("%X ... %X\n", answer[:16], answer[len(answer)-2:])
	l.Reset() // the field is gone
	// Output:
	// 6F1F851D84011448C0FFEE0000000001 ... 9000
}

func newKey() ed25519.PrivateKey {
	_, key, _ := ed25519.GenerateKey(rand.Reader)
	return key
}

func public(key ed25519.PrivateKey) credential.PublicKey {
	k, _ := credential.NewPublicKey(key.Public())
	return k
}
