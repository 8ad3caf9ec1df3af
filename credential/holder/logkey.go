package holder

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/edhoc"
)

// LogKey opens the pages of the log that leave one lock sealed.  It is secret,
// and made by [Phone.Commission] or [Phone.Rekey]; an app keeps [LogKey.Bytes]
// where it keeps secrets.
type LogKey struct{ key edhoc.LogKey }

// NewLogKey returns the key that Bytes gave.
func NewLogKey(b [32]byte) LogKey { return LogKey{b} }

// Bytes returns the key itself, for the app's vault.
func (k LogKey) Bytes() [32]byte { return k.key }

// IsZero reports whether there is no key.
func (k LogKey) IsZero() bool { return k == LogKey{} }

// Format keeps the key out of what is printed, whatever the verb.
func (k LogKey) Format(f fmt.State, _ rune) { io.WriteString(f, "holder.LogKey") }

// LogKeys are the keys that a lock's pages may be sealed under, as far as its
// owner knows, the likeliest first.  There is one, and more after answers that
// were lost.
type LogKeys []LogKey

// After returns the keys to keep after Commission or Rekey returned a key and a
// Result: with done and with unconfirmed the new one first, and the newest three
// of the others, since pages may be under way that a courier was given before;
// otherwise the same as before.
func (k LogKeys) After(key LogKey, r Result) LogKeys {
	switch {
	case key.IsZero():
		return k
	case r.Outcome == credential.OutcomeDone, r.Outcome == credential.OutcomeUnconfirmed:
		all := append(LogKeys{key}, slices.DeleteFunc(slices.Clone(k), func(other LogKey) bool { return other == key })...)
		return all[:min(len(all), keptLogKeys)]
	}
	return k
}

// keptLogKeys is how many log keys an app keeps for a lock.
const keptLogKeys = 4

// ErrLogKey says that none of the keys opens a page: it was sealed under another
// one, for a former owner perhaps, or altered on its way.
var ErrLogKey = errors.New("holder: no log key opens the page")

// Open opens a sealed page of 792 bytes and returns the page in clear.  The error
// is ErrLogKey.
func (k LogKeys) Open(sealed []byte) ([]byte, error) {
	for _, key := range k {
		if page, err := key.key.Open(sealed); err == nil {
			return page, nil
		}
	}
	return nil, ErrLogKey
}

// Blind returns what stands for a head of the log in the receipts of others than
// the owner (section 19.5).  Whoever has the key and the log can tell by it which
// head a receipt is about; nobody else can.
func (k LogKey) Blind(head credential.LogHead) credential.LogHead {
	blind, err := k.key.Blind(head)
	if err != nil { // the lengths are fixed: none can be wrong
		return credential.LogHead{}
	}
	return blind
}
