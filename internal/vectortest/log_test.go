package vectortest

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

func readLog(t *testing.T) {
	checks := map[string]func(vectors.LogParams, vectors.LogTest) error{
		"page": checkPage, "sealed": checkSealed, "reading": checkReading, "receipt": checkReceipt,
	}
	area[vectors.LogParams, vectors.LogTest]{
		name: "log", common: (*vectors.LogTest).Common, flips: 6,
		// A state may name any number from the newest known on.  A receipt is about
		// one of the heads at the most, and only a blind one needs the key.
		unread: func(path string, flags []string) bool {
			receipt := slices.Contains(flags, "receipt")
			return path == "sources.sequence" || receipt && path == "heads" || receipt && path == "keys" && !slices.Contains(flags, "blind")
		},
		check: func(p vectors.LogParams, test vectors.LogTest) error {
			check, ok := checks[p.Kind]
			if !ok {
				return fmt.Errorf("kind %q is unknown", p.Kind)
			}
			return check(p, test)
		},
	}.run(t)
}

// checkPage reads a page, and computes the heads after its entries.
func checkPage(_ vectors.LogParams, test vectors.LogTest) error {
	page, err := credential.ParseLogPage(test.Page)
	if err := verdict(test.Test, reasonIn(err, "")); err != nil || test.Result == vectors.Invalid {
		return err
	}
	head := page.Base
	entries, heads := []vectors.Hex{}, []vectors.Hex{}
	for _, e := range page.Entries {
		head = head.Next(e)
		heads = append(heads, bytes.Clone(head[:]))
	}
	items, err := entriesOf(test.Page)
	if err != nil {
		return err
	}
	entries = append(entries, items...)
	if !bytes.Equal(page.Lock[:], test.Lock) || !bytes.Equal(page.Base[:], test.Base) || !bytes.Equal(page.Encode(), test.Page) ||
		!reflect.DeepEqual(entries, test.Entries) || !reflect.DeepEqual(heads, test.Heads) {
		return fmt.Errorf("read as %+v, heads %v", page, heads)
	}
	return nil
}

// entriesOf returns the arrays of a good page's entries.
func entriesOf(page []byte) ([]vectors.Hex, error) {
	item, _, err := dcbor.Next(page)
	if err != nil {
		return nil, err
	}
	r := dcbor.NewReader(item)
	r.Array(3, 3)
	r.Bytes()
	r.Bytes()
	var entries []vectors.Hex
	for range r.Array(0, wire.LimitLogPageEntries) {
		entries = append(entries, r.Raw())
	}
	return entries, r.Close()
}

// logKeys are the keys of an app.
func logKeys(keys []vectors.Hex) (holder.LogKeys, error) {
	var all holder.LogKeys
	for _, k := range keys {
		if len(k) != 32 {
			return nil, errors.New("a log key is not of 32 bytes")
		}
		all = append(all, holder.NewLogKey([32]byte(k)))
	}
	return all, nil
}

// checkSealed opens a sealed page, and seals it again.
func checkSealed(_ vectors.LogParams, test vectors.LogTest) error {
	keys, err := logKeys(test.Keys)
	if err != nil {
		return err
	}
	page, err := keys.Open(test.Sealed)
	reason := ""
	if errors.Is(err, holder.ErrLogKey) {
		reason = "channel"
	}
	if err := verdict(test.Test, reason); err != nil || reason != "" {
		return err
	}
	if len(test.Nonce) != wire.LimitNonceBytes || !bytes.Equal(page, test.Page) || len(test.Keys) == 0 {
		return fmt.Errorf("opened is %x", page)
	}
	key := edhoc.LogKey(test.Keys[0])
	sealed, err := key.Seal(page, [wire.LimitNonceBytes]byte(test.Nonce))
	if err != nil || !bytes.Equal(sealed, test.Sealed) {
		return fmt.Errorf("sealed is %x: %w", sealed, err)
	}
	salt := derived(key[:], wire.LogLabelSalt, append(hashed(page), test.Nonce...), 16)
	okm := derived(key[:], wire.LogLabelPage, salt, 29)
	if !bytes.Equal(salt, test.Salt) || !bytes.Equal(okm[:16], test.Key) || !bytes.Equal(okm[16:], test.IV) {
		return fmt.Errorf("salt %x, key and IV %x", salt, okm)
	}
	return nil
}

// checkReading has an owner's app put together what comes.
func checkReading(p vectors.LogParams, test vectors.LogTest) error {
	keys, err := logKeys(p.Keys)
	if err != nil || len(p.Lock) != 8 {
		return fmt.Errorf("no keys or no lock: %w", err)
	}
	history := holder.History{Lock: credential.LockID(p.Lock)}
	for i, s := range test.Sources {
		err := heard(&history, s, keys)
		if i < len(test.Sources)-1 || err == nil {
			if err != nil {
				return fmt.Errorf("source %d: %w", i, err)
			}
			continue
		}
		finding, reason := findingOf(err)
		if finding != test.Finding {
			return fmt.Errorf("found %s: %w", finding, err)
		}
		return verdict(test.Test, reason)
	}
	runs := []vectors.LogRun{}
	for _, r := range history.Runs {
		head := r.Base
		for _, e := range r.Entries {
			head = head.Next(e)
		}
		runs = append(runs, vectors.LogRun{
			Base: bytes.Clone(r.Base[:]), First: int(r.Entries[0].Sequence), Last: int(r.Entries[len(r.Entries)-1].Sequence), Head: bytes.Clone(head[:]),
		})
	}
	if err := verdict(test.Test, ""); err != nil {
		return err
	}
	if !reflect.DeepEqual(runs, test.Runs) || test.Finding != "" {
		return fmt.Errorf("knows %+v", runs)
	}
	return nil
}

// findingOf names what the app found, and the reason that the vectors use.
func findingOf(err error) (finding, reason string) {
	switch {
	case errors.Is(err, holder.ErrLogAltered):
		return "altered", "state"
	case errors.Is(err, holder.ErrLogFellBack):
		return "fell-back", "state"
	case errors.Is(err, holder.ErrLogLock):
		return "other-lock", "lock-identity"
	case errors.Is(err, holder.ErrLogKey):
		return "sealed", "channel"
	}
	return "malformed", reasonIn(err, "")
}

// checkReceipt verifies a receipt, and looks for its head.
func checkReceipt(p vectors.LogParams, test vectors.LogTest) error {
	lock, err := certified(p.Certificate, p.Authorities, p.Roots)
	if err != nil {
		return err
	}
	u, err := credential.ParseReceipt(test.Receipt)
	if err == nil {
		var v credential.Verifier
		_, err = v.Receipt(u, lock)
	}
	if err := verdict(test.Test, reasonIn(err, "")); err != nil || test.Result == vectors.Invalid {
		return err
	}
	claims, err := claimsOf(u)
	if err != nil {
		return err
	}
	if test.Claims == nil || !reflect.DeepEqual(claims, *test.Claims) {
		return fmt.Errorf("says %+v", claims)
	}
	if len(test.Keys) != 1 || len(test.Keys[0]) != 32 || test.Owner == nil {
		return errors.New("a part is missing")
	}
	if e := u.Claims.Entry; e != nil && *test.Owner != (e.Sequence != 0) {
		return errors.New("an owner is told the number of the entry, and nobody else")
	}
	key := edhoc.LogKey(test.Keys[0])
	match := -1
	for i, h := range test.Heads {
		if len(h) != 32 {
			return errors.New("a head is not of 32 bytes")
		}
		head := credential.LogHead(h)
		if !*test.Owner {
			if head, err = key.Blind(head); err != nil {
				return err
			}
		}
		if head == u.Claims.Head {
			match = i
		}
	}
	if (match < 0) != (test.Match == nil) || test.Match != nil && match != *test.Match {
		return fmt.Errorf("it is head %d", match)
	}
	return nil
}

// claimsOf are the claims as the vectors have them.
func claimsOf(u *credential.UnverifiedReceipt) (vectors.ReceiptClaims, error) {
	c := vectors.ReceiptClaims{
		Lock: bytes.Clone(u.Claims.Lock[:]), Floor: int(u.Claims.Floor), PolicyVersion: int(u.Claims.PolicyVersion),
		Policy: vectors.Hex{}, Head: bytes.Clone(u.Claims.Head[:]), Entry: vectors.Hex{0x80},
	}
	if u.Claims.Policy != (credential.Tag{}) {
		c.Policy = bytes.Clone(u.Claims.Policy[:])
	}
	if u.Claims.Entry == nil {
		return c, nil
	}
	// The entry stands last in the scope, which stands last in the payload.
	entry := *u.Claims.Entry
	encoded := credential.LogPage{Entries: []credential.LogEntry{numbered(entry)}}.Encode()
	entries, err := entriesOf(encoded)
	if err != nil {
		return c, fmt.Errorf("%s: %w", hex.EncodeToString(encoded), err)
	}
	c.Entry = entries[0]
	if entry.Sequence == 0 {
		c.Entry[1] = 0
	}
	return c, nil
}

// numbered gives an entry that hides its number the number 1, so that a page
// takes it.
func numbered(e credential.LogEntry) credential.LogEntry {
	if e.Sequence == 0 {
		e.Sequence = 1
	}
	return e
}

// heard gives the app one source.
func heard(h *holder.History, s vectors.LogSource, keys holder.LogKeys) error {
	switch {
	case s.Sealed != nil:
		return h.Add(s.Sealed, keys)
	case s.Clear != nil:
		return inClear(h, s.Clear)
	case s.Sequence != nil:
		return h.Take(holder.Result{Lock: h.Lock, State: holder.State{Sequence: uint32(*s.Sequence)}}, keys)
	}
	return errors.New("no source")
}

// inClear takes the newest page that the app read itself.  What tells a page in
// clear from others is no business of who uses package holder, so that the log
// fell back is seen here.
func inClear(h *holder.History, page []byte) error {
	newest := h.Newest()
	if err := h.AddClear(page); err != nil {
		return err
	}
	p, err := credential.ParseLogPage(page)
	if n := len(p.Entries); n > 0 && p.Entries[n-1].Sequence < newest {
		return holder.ErrLogFellBack
	}
	return err
}
