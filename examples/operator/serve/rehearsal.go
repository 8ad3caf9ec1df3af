package serve

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/issuer/ledger"
)

// Area of the rehearsal, and its one box.
const rehearsalArea = "FR75011042"

var rehearsalBox = credential.LockID{0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80}

// Rehearse fills a new folder with all that a service needs, so that it can be
// tried: a scheme that forgets its key, the operator's key and certificate, a
// manufacturer's certificate, a TLS certificate for localhost, keys and certificates of a dispatcher
// and a postman, and two requests.  Nothing of it is fit for a real box.  The error is fs.ErrExist where
// the folder is there.
func Rehearse(dir string, now time.Time) error {
	if err := os.Mkdir(dir, 0o700); errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w: nothing is overwritten, so remove it or name another folder", err)
	} else if err != nil {
		return err
	}
	r := &rehearsal{dir: dir, now: now}
	for _, step := range []func() error{r.scheme, r.tls, r.people, r.requests} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// rehearsal is a folder while it is filled.
type rehearsal struct {
	dir     string
	now     time.Time
	postman credential.PublicKey
}

// write writes a new file that others cannot read.
func (r *rehearsal) write(name string, content []byte) error {
	path := filepath.Join(r.dir, name)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", path, fs.ErrExist)
	}
	return os.WriteFile(path, content, 0o600)
}

// key makes a key, and writes it where it has a name.
func (r *rehearsal) key(name string) (ed25519.PrivateKey, credential.PublicKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, credential.PublicKey{}, err
	}
	public, err := credential.NewPublicKey(key.Public())
	if err != nil || name == "" {
		return key, public, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, public, err
	}
	return key, public, r.write(name, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// scheme certifies the operator and a manufacturer.
func (r *rehearsal) scheme() error {
	root, public, err := r.key("")
	if err != nil {
		return err
	}
	scheme, err := issuer.NewScheme(root)
	if err != nil {
		return err
	}
	if err := r.write("root.pub", line(public)); err != nil {
		return err
	}
	_, post, err := r.key("post.key")
	if err != nil {
		return err
	}
	_, maker, err := r.key("maker.key")
	if err != nil {
		return err
	}
	at := credential.At(r.now)
	const day = 24 * 3600
	for name, claims := range map[string]credential.AuthorityClaims{
		"post.certificate": {
			Key: post, IssuedAt: at, Expires: at + 90*day, LongestGrant: 84 * time.Hour,
			Services: []credential.Service{credential.ServicePost, credential.ServiceParcel},
			Rights:   credential.RightIssue | credential.RightRevoke | credential.RightTime,
		},
		"maker.certificate": {Key: maker, IssuedAt: at, Expires: at + 90*day, Rights: credential.RightLock},
	} {
		certificate, err := scheme.Certify(claims)
		if err != nil {
			return err
		}
		if err := r.write(name, certificate); err != nil {
			return err
		}
	}
	return nil
}

// line is a public key in a file of its own.
func line(key credential.PublicKey) []byte {
	text, err := key.MarshalText()
	if err != nil {
		return nil
	}
	return append(text, '\n')
}

// tls makes the service's certificate, for localhost.
func (r *rehearsal) tls() error {
	key, _, err := r.key("tls.key")
	if err != nil {
		return err
	}
	return r.certificate("tls.pem", key, &x509.Certificate{
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		IsCA: true, BasicConstraintsValid: true,
	})
}

// people makes the keys of a dispatcher and of a postman's device.
func (r *rehearsal) people() error {
	for _, name := range []string{"desk", "postman"} {
		key, public, err := r.key(name + ".key")
		if err != nil {
			return err
		}
		if err := r.certificate(name+".pem", key, &x509.Certificate{}); err != nil {
			return err
		}
		if name == "desk" {
			if err := r.write("dispatchers", line(public)); err != nil {
				return err
			}
		}
		r.postman = public
	}
	return nil
}

// certificate writes a certificate that the key signs for itself.
func (r *rehearsal) certificate(name string, key crypto.Signer, template *x509.Certificate) error {
	template.SerialNumber, template.Subject = big.NewInt(1), pkix.Name{CommonName: "rehearsal"}
	template.NotBefore, template.NotAfter = r.now.Add(-time.Hour), r.now.AddDate(0, 0, 90)
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	return r.write(name, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// requests writes the bodies of two requests: a box is placed, and a postman gets a
// round.
func (r *rehearsal) requests() error {
	at := credential.At(r.now)
	boxes, err := json.Marshal(api.Boxes{Boxes: []api.Box{{Lock: api.Of(rehearsalBox), Area: []byte(rehearsalArea)}}})
	if err != nil {
		return err
	}
	duty, err := json.Marshal(api.Duty{
		ID: api.Of(ledger.DutyID{15: 1}), Holder: r.postman, Area: []byte(rehearsalArea), Service: api.Service(credential.ServicePost),
		Actions: api.Actions(credential.ActionDeliver | credential.ActionCollect), NotBefore: at, Expires: at + 12*3600,
	})
	if err != nil {
		return err
	}
	return errors.Join(r.write("boxes.json", boxes), r.write("duties.ndjson", append(duty, '\n')))
}
