package audit

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/postern-lock/postern/credential"
)

// Config is whom an audit trusts, and how much it holds at once.
type Config struct {
	Roots  []credential.PublicKey // keys of the schemes that are trusted; at least one
	Makers [][]byte               // certificates of the manufacturers
	// Lists are revocation lists of the schemes.  A maker that one of them denies
	// is none, and no receipt of a lock that it certified verifies.
	Lists [][]byte
	// Certificates, where it is not nil, finds the certificates of a lock for the
	// key with the id, for receipts that come without.  Several goroutines ask it
	// at once.  More than [MaxCertificates] are refused.
	Certificates func(credential.LockID, credential.KeyID) [][]byte
	// Blinds, where it is not nil, returns what stands for a head of the lock's log
	// in the receipts of others than the owner, under each log key that the lock
	// had: holder.LogKeys has them.  Several goroutines ask it at once.
	Blinds func(credential.LockID, credential.LogHead) []credential.LogHead

	// Remember is how many lock certificates are remembered, good and bad ones, so
	// that each is verified once while it is; zero is 65,536, about 60 MB.
	Remember int
	// Limit is how many receipts and entries of logs are held at once; zero is
	// 4,194,304.  More than that end the audit with [ErrLimit].  They take about 150
	// bytes each until all have been read, and about 1,050 each of the locks that are
	// judged then, a few at a time.  Whoever forges pages can make them all of one
	// lock: lower the Limit where 4 GB are not there.
	Limit int
	// Part and Parts divide an audit that is beyond the Limit: of Parts runs over
	// the same items each looks at its Part of the locks, from 0, and passes over
	// the rest.  What belongs together is of one lock, so nothing goes unseen.  Items
	// that do not name a lock are in part 0.  Zero Parts is 1.
	Part, Parts uint32
	// Workers is how many goroutines verify; zero is one for each core.
	Workers int
}

// MaxCertificates is how many certificates can come with a receipt: one for each
// cipher suite.
const MaxCertificates = 2

const (
	defaultRemember = 1 << 16
	defaultLimit    = 1 << 22
)

var (
	// ErrConfig says that a Config cannot be used.
	ErrConfig = errors.New("audit: the configuration cannot be used")
	// ErrLimit says that there are more receipts and entries than the Limit.
	ErrLimit = errors.New("audit: too much to hold at once")
)

// Auditor runs audits.  It is safe for concurrent use, and remembers certificates
// from one run to the next.
type Auditor struct {
	config Config
	trust  trust
}

// New returns an Auditor.  A maker's certificate or a list that does not verify is
// an error, so that an audit is never about less than what was meant.
//
// Errors: [ErrConfig], with the *credential.Error of what does not verify.
func New(c Config) (*Auditor, error) {
	switch {
	case len(c.Roots) == 0:
		return nil, fmt.Errorf("%w: there is no root to trust", ErrConfig)
	case c.Remember < 0 || c.Limit < 0 || c.Workers < 0:
		return nil, fmt.Errorf("%w: a number is negative", ErrConfig)
	}
	if c.Parts == 0 {
		c.Parts = 1
	}
	if c.Part >= c.Parts {
		return nil, fmt.Errorf("%w: there is no part %d of %d; the first is 0", ErrConfig, c.Part, c.Parts)
	}
	if c.Remember == 0 {
		c.Remember = defaultRemember
	}
	if c.Limit == 0 {
		c.Limit = defaultLimit
	}
	if c.Workers == 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	a := &Auditor{config: c}
	return a, a.trust.open(&a.config)
}
