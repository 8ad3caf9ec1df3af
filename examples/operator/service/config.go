package service

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/book"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/issuer/ledger"
)

// Config is what a service is made of.  Everything without a remark is mandatory.
type Config struct {
	Store ledger.Store
	Book  book.Book

	Operator *issuer.Operator // signs grants
	// Longest is the longest grant that any certificate of the operator's key allowed under
	// which grants may be in force; what the present one allows counts at the least, so
	// zero is right until it was changed for one that allows less.
	Longest time.Duration
	MinArea int                // bytes of the shortest code of a round, 1 to 16: no grant is for a wider area
	Revoker *issuer.Revoker    // signs revocation lists, with the operator's key
	Time    *issuer.TimeSource // signs the time
	// Offset returns what the region's local time is ahead of UTC at a time, in
	// minutes.
	Offset func(credential.Time) int16

	Roots  []credential.PublicKey // keys of the schemes that lock certificates are verified under
	Makers [][]byte               // certificates of manufacturers, so that owners need not send them; can be empty
	Lists  [][]byte               // the schemes' newest revocation lists; a manufacturer that they deny proves nothing; can be empty

	// Hosts are the names, with a port where it is not the scheme's own, under which
	// owners reach the service: a request that was signed for another is refused.
	Hosts []string
	// Dispatchers are the keys of those who may have grants issued; empty for nobody.
	Dispatchers []credential.PublicKey

	// ReceiptsFor and ReceiptsMost are how long receipts are kept for the audit, an
	// hour to ten years, and how many: the oldest beyond either are forgotten as new
	// ones come, and by Service.Prune.
	ReceiptsFor  time.Duration
	ReceiptsMost int

	Now func() time.Time // the clock
	Log *slog.Logger     // is told no key, no address and no box
}

// longestReceipts is how long receipts are kept at the most: they tell when boxes
// were opened.
const longestReceipts = 10 * 366 * 24 * time.Hour

// maxArea is how many bytes an area code has at the most.
const maxArea = 16

// errConfig says that a service cannot be made so.
var errConfig = errors.New("service: configuration")

func (c *Config) check() error {
	for _, need := range []struct {
		name    string
		missing bool
	}{
		{"Store", c.Store == nil},
		{"Book", c.Book == nil},
		{"Operator", c.Operator == nil},
		{"MinArea", c.MinArea < 1},
		{"Revoker", c.Revoker == nil},
		{"Time", c.Time == nil},
		{"Offset", c.Offset == nil},
		{"Roots", len(c.Roots) == 0},
		{"Hosts", len(c.Hosts) == 0},
		{"ReceiptsMost", c.ReceiptsMost < 1},
		{"Now", c.Now == nil},
		{"Log", c.Log == nil},
	} {
		if need.missing {
			return fmt.Errorf("%w: %s is missing", errConfig, need.name)
		}
	}
	if c.MinArea > maxArea {
		return fmt.Errorf("%w: MinArea: %d bytes, want 1 to %d", errConfig, c.MinArea, maxArea)
	}
	if c.ReceiptsFor < time.Hour || c.ReceiptsFor > longestReceipts {
		return fmt.Errorf("%w: ReceiptsFor: %v, want an hour to ten years", errConfig, c.ReceiptsFor)
	}
	if c.Operator.PublicKey() != c.Revoker.PublicKey() {
		return fmt.Errorf("%w: Revoker: an operator revokes with the key that it grants with", errConfig)
	}
	return nil
}
