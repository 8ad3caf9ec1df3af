package ledgertest

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

// reload lets every load pass f.
func reload(f func(l *ledger.Load)) func(*altered) {
	return func(a *altered) {
		outbox := a.outbox
		a.outbox = func(ctx context.Context, area []byte) (ledger.Load, error) {
			l, err := outbox(ctx, area)
			f(&l)
			return l, err
		}
	}
}

// relock lets every load of locks pass f.
func relock(f func([]credential.LockID, ledger.Load) ledger.Load) func(*altered) {
	return func(a *altered) {
		locks := a.locks
		a.locks = func(ctx context.Context, of []credential.LockID) (ledger.Load, error) {
			l, err := locks(ctx, of)
			return f(of, l), err
		}
	}
}

// repost lets the errors of Post for the reason pass.
func repost(reason error) func(*altered) {
	return func(a *altered) {
		post := a.post
		a.post = func(ctx context.Context, d ledger.Document) error { return forgives(post(ctx, d), reason) }
	}
}

// elsewhere asks for another area in the place of some.
func elsewhere(f func(area []byte) []byte) func(*altered) {
	return func(a *altered) {
		outbox := a.outbox
		a.outbox = func(ctx context.Context, area []byte) (ledger.Load, error) { return outbox(ctx, f(area)) }
	}
}

const (
	carries = "a policy goes to its lock until it is delivered"
	newer   = "post takes the newer, and the same again"
	areas   = "the outbox knows areas by every byte"
	bounds  = "the outbox is bounded"
	ofLocks = "the outbox of locks has what is for them, and all lists"
	places  = "places are all or none, and locks move"
)

var wrongCourier = []wrong{
	{"does not sort policies", carries, reload(func(l *ledger.Load) { slices.Reverse(l.Policies) })},
	{"does not sort locks", carries, reload(func(l *ledger.Load) { slices.Reverse(l.Logs) })},
	{"keeps what is delivered", carries, func(a *altered) {
		a.delivered = func(context.Context, []ledger.Delivery) error { return nil }
	}},
	{"never ends to want a log", carries, func(a *altered) {
		want := a.want
		a.want = func(ctx context.Context, lock credential.LockID, wanted bool) error {
			if !wanted {
				return nil
			}
			return want(ctx, lock, wanted)
		}
	}},
	{"accepts an older policy in silence", newer, repost(ledger.ErrSuperseded)},
	{"accepts another policy of the version", newer, repost(ledger.ErrConflict)},
	{"accepts a policy for an unknown lock", newer, repost(ledger.ErrUnknown)},
	{"refuses the same again", newer, func(a *altered) {
		post := a.post
		seen := map[credential.Tag]bool{}
		a.post = func(ctx context.Context, d ledger.Document) error {
			if seen[d.Tag] {
				return ledger.ErrSuperseded
			}
			seen[d.Tag] = true
			return post(ctx, d)
		}
	}},
	{"forgets what was delivered", newer, func(a *altered) {
		post, delivered := a.post, a.delivered
		gone := map[credential.LockID]bool{}
		a.delivered = func(ctx context.Context, d []ledger.Delivery) error {
			for _, one := range d {
				gone[one.Lock] = true
			}
			return delivered(ctx, d)
		}
		a.post = func(ctx context.Context, d ledger.Document) error {
			if gone[d.Lock] {
				return nil
			}
			return post(ctx, d)
		}
	}},
	{"keeps the caller's policy", newer, func(a *altered) {
		post := a.post
		var given []byte
		a.post = func(ctx context.Context, d ledger.Document) error {
			given = d.Bytes
			return post(ctx, d)
		}
		reload(func(l *ledger.Load) {
			for i := range l.Policies {
				l.Policies[i].Bytes = given
			}
		})(a)
	}},
	{"reads no document", "post refuses what is not what it says", repost(ledger.ErrInvalid)},
	{"keeps the list of one signer", "post of a list serves every area", reload(func(l *ledger.Load) { l.Lists = l.Lists[:min(1, len(l.Lists))] })},
	{"does not sort lists by signer", "post of a list serves every area", reload(func(l *ledger.Load) { slices.Reverse(l.Lists) })},
	{"replaces a list by an older one", "post of a list serves every area", repost(ledger.ErrSuperseded)},
	{"ends a prefix before FF", areas, func(a *altered) {
		outbox := a.outbox
		a.outbox = func(ctx context.Context, area []byte) (ledger.Load, error) {
			l, err := outbox(ctx, area)
			if bytes.HasSuffix(area, []byte{0xff}) {
				l = ledger.Load{} // what prefix..prefix+1 finds, where the last byte overflows
			}
			return l, err
		}
	}},
	{"cuts FF from the end of a prefix", areas, elsewhere(func(area []byte) []byte {
		if short := bytes.TrimRight(area, "\xff"); len(short) > 0 {
			return short
		}
		return area
	})},
	{"takes areas for text that ends at 00", areas, elsewhere(func(area []byte) []byte {
		if short := bytes.TrimRight(area, "\x00"); len(short) > 0 {
			return short
		}
		return area
	})},
	{"does not know great from small letters", areas, elsewhere(func(area []byte) []byte {
		if area[0] == 'a' {
			return []byte("A")
		}
		return area
	})},
	{"takes % for anything", areas, func(a *altered) {
		outbox := a.outbox
		a.outbox = func(ctx context.Context, area []byte) (ledger.Load, error) {
			l, err := outbox(ctx, area)
			if bytes.IndexByte(area, '%') >= 0 {
				l.Logs = append(l.Logs, lockID(0))
			}
			return l, err
		}
	}},
	{"finds equal areas alone", areas, func(a *altered) {
		place, outbox := a.place, a.outbox
		at := map[credential.LockID]string{}
		a.place = func(ctx context.Context, boxes []ledger.Box) error {
			for _, b := range boxes {
				at[b.Lock] = string(b.Area)
			}
			return place(ctx, boxes)
		}
		a.outbox = func(ctx context.Context, area []byte) (ledger.Load, error) {
			l, err := outbox(ctx, area)
			l.Logs = slices.DeleteFunc(l.Logs, func(id credential.LockID) bool { return at[id] != string(area) })
			return l, err
		}
	}},
	{"takes no area for everywhere", bounds, func(a *altered) {
		outbox := a.outbox
		a.outbox = func(ctx context.Context, area []byte) (ledger.Load, error) {
			if len(area) == 0 {
				return ledger.Load{}, nil
			}
			return outbox(ctx, area)
		}
	}},
	{"has no bound of locks", bounds, func(a *altered) {
		outbox := a.outbox
		a.outbox = func(ctx context.Context, area []byte) (ledger.Load, error) {
			l, err := outbox(ctx, area)
			return l, forgives(err, ledger.ErrFull)
		}
	}},
	{"takes no lock for every lock", ofLocks, relock(func(locks []credential.LockID, l ledger.Load) ledger.Load {
		if len(locks) == 0 {
			l.Logs = []credential.LockID{lockID(0)}
		}
		return l
	})},
	{"has no lists for locks", ofLocks, relock(func(_ []credential.LockID, l ledger.Load) ledger.Load {
		l.Lists = nil
		return l
	})},
	{"counts a lock twice that is named twice", ofLocks, relock(func(locks []credential.LockID, l ledger.Load) ledger.Load {
		if len(locks) == 5 {
			l.Policies = append(l.Policies, l.Policies[len(l.Policies)-1])
		}
		return l
	})},
	{"answers in the order of the question", ofLocks, relock(func(_ []credential.LockID, l ledger.Load) ledger.Load {
		slices.Reverse(l.Logs)
		return l
	})},
	{"takes the first of many locks alone", "the outbox of locks is bounded", func(a *altered) {
		locks := a.locks
		a.locks = func(ctx context.Context, of []credential.LockID) (ledger.Load, error) {
			if len(of) > ledger.MaxBoxes {
				return locks(ctx, of)
			}
			return locks(ctx, of[:min(len(of), 1024)])
		}
	}},
	{"has no bound of named locks", "the outbox of locks is bounded", func(a *altered) {
		locks := a.locks
		a.locks = func(ctx context.Context, of []credential.LockID) (ledger.Load, error) {
			return locks(ctx, of[:min(len(of), ledger.MaxBoxes)])
		}
	}},
	{"places one by one", places, func(a *altered) {
		place := a.place
		a.place = func(ctx context.Context, boxes []ledger.Box) error {
			for _, b := range boxes {
				if err := place(ctx, []ledger.Box{b}); err != nil {
					return err
				}
			}
			return nil
		}
	}},
	{"does not move locks", places, func(a *altered) {
		place := a.place
		known := map[credential.LockID]bool{}
		a.place = func(ctx context.Context, boxes []ledger.Box) error {
			for _, b := range boxes {
				if known[b.Lock] {
					return ledger.ErrConflict
				}
			}
			err := place(ctx, boxes)
			for _, b := range boxes {
				known[b.Lock] = err == nil
			}
			return err
		}
	}},
	{"takes a delivery for the lock's policy", "deliveries of something else change nothing", func(a *altered) {
		delivered, outbox := a.delivered, a.outbox
		a.delivered = func(ctx context.Context, d []ledger.Delivery) error {
			l, err := outbox(ctx, []byte("A"))
			for _, one := range d {
				for _, p := range l.Policies {
					if p.Lock == one.Lock {
						err = delivered(ctx, []ledger.Delivery{{Lock: p.Lock, Tag: p.Tag}})
					}
				}
			}
			return err
		}
	}},
	{"takes a delivery to any lock", "deliveries of something else change nothing", func(a *altered) {
		delivered := a.delivered
		a.delivered = func(ctx context.Context, d []ledger.Delivery) error {
			for i := range d {
				d[i].Lock = lockID(0)
			}
			return delivered(ctx, d)
		}
	}},
}

const (
	waits   = "pages wait for the owner in their order"
	nobody  = "pages are refused where nobody waits"
	bounded = "pages are bounded, all or none"
)

var wrongPages = []wrong{
	{"returns the newest page first", waits, func(a *altered) {
		pages := a.pages
		a.pages = func(ctx context.Context, lock credential.LockID) ([][]byte, error) {
			p, err := pages(ctx, lock)
			slices.Reverse(p)
			return p, err
		}
	}},
	{"drops pages that nobody waits for", waits, func(a *altered) {
		want, pages, taken := a.want, a.pages, a.taken
		a.want = func(ctx context.Context, lock credential.LockID, wanted bool) error {
			if p, err := pages(ctx, lock); err == nil && !wanted {
				_ = taken(ctx, lock, p)
			}
			return want(ctx, lock, wanted)
		}
	}},
	{"forgets all pages for one", waits, func(a *altered) {
		pages, taken := a.pages, a.taken
		a.taken = func(ctx context.Context, lock credential.LockID, _ [][]byte) error {
			p, err := pages(ctx, lock)
			if err != nil {
				return err
			}
			return taken(ctx, lock, p)
		}
	}},
	{"mixes up locks", waits, func(a *altered) {
		bring := a.bring
		a.bring = func(ctx context.Context, _ credential.LockID, p [][]byte) error { return bring(ctx, lockID(0), p) }
	}},
	{"takes pages for which nobody waits", nobody, func(a *altered) {
		bring := a.bring
		a.bring = func(ctx context.Context, lock credential.LockID, p [][]byte) error {
			return forgives(bring(ctx, lock, p), ledger.ErrUnknown)
		}
	}},
	{"has no pages of an unknown lock", nobody, func(a *altered) {
		pages := a.pages
		a.pages = func(ctx context.Context, lock credential.LockID) ([][]byte, error) {
			p, err := pages(ctx, lock)
			return p, forgives(err, ledger.ErrUnknown)
		}
	}},
	{"keeps pages one by one", bounded, func(a *altered) {
		bring := a.bring
		a.bring = func(ctx context.Context, lock credential.LockID, p [][]byte) error {
			for i := range p {
				if err := bring(ctx, lock, p[i:i+1]); err != nil {
					return err
				}
			}
			return nil
		}
	}},
	{"drops what is too much", bounded, func(a *altered) {
		bring := a.bring
		a.bring = func(ctx context.Context, lock credential.LockID, p [][]byte) error {
			return forgives(bring(ctx, lock, p), ledger.ErrFull)
		}
	}},
	{"counts pages that are there", bounded, func(a *altered) {
		bring, pages := a.bring, a.pages
		a.bring = func(ctx context.Context, lock credential.LockID, p [][]byte) error {
			if there, err := pages(ctx, lock); err == nil && len(there)+len(p) > ledger.MaxPages {
				return ledger.ErrFull
			}
			return bring(ctx, lock, p)
		}
	}},
}

// deaf returns a wrong store for each call, which does not listen to its context.
func deaf() []wrong {
	const hears = "a context that is done stops every call"
	deafened := func(call string, alter func(a *altered)) wrong { return wrong{call, hears, alter} }
	ever := context.Background()
	return []wrong{
		deafened("Find", func(a *altered) {
			a.find = func(_ context.Context, d []ledger.DutyID) ([]ledger.Record, error) { return a.Store.Find(ever, d) }
		}),
		deafened("Commit", func(a *altered) {
			a.commit = func(_ context.Context, at credential.Time, r []ledger.Record) ([]ledger.Record, error) {
				return a.Store.Commit(ever, at, r)
			}
		}),
		deafened("Since", func(a *altered) {
			a.since = func(_ context.Context, n uint64, l int) ([]ledger.Record, error) { return a.Store.Since(ever, n, l) }
		}),
		deafened("Held", func(a *altered) {
			a.held = func(_ context.Context, h credential.KeyID, at credential.Time) ([]ledger.Record, error) {
				return a.Store.Held(ever, h, at)
			}
		}),
		deafened("Withdraw", func(a *altered) {
			a.withdraw = func(_ context.Context, at credential.Time, tags []credential.Tag) error {
				return a.Store.Withdraw(ever, at, tags)
			}
		}),
		deafened("NextList", func(a *altered) {
			a.list = func(_ context.Context, s credential.KeyID, at credential.Time, longest time.Duration) (credential.RevocationClaims, error) {
				return a.Store.NextList(ever, s, at, longest)
			}
		}),
		deafened("RaiseLeast", func(a *altered) {
			a.raise = func(_ context.Context, s credential.KeyID, least, at credential.Time) (int, error) {
				return a.Store.RaiseLeast(ever, s, least, at)
			}
		}),
		deafened("Place", func(a *altered) {
			a.place = func(_ context.Context, b []ledger.Box) error { return a.Store.Place(ever, b) }
		}),
		deafened("Post", func(a *altered) {
			a.post = func(_ context.Context, d ledger.Document) error { return a.Store.Post(ever, d) }
		}),
		deafened("Outbox", func(a *altered) {
			a.outbox = func(_ context.Context, area []byte) (ledger.Load, error) { return a.Store.Outbox(ever, area) }
		}),
		deafened("OutboxOf", func(a *altered) {
			a.locks = func(_ context.Context, l []credential.LockID) (ledger.Load, error) { return a.Store.OutboxOf(ever, l) }
		}),
		deafened("Delivered", func(a *altered) {
			a.delivered = func(_ context.Context, d []ledger.Delivery) error { return a.Store.Delivered(ever, d) }
		}),
		deafened("WantLog", func(a *altered) {
			a.want = func(_ context.Context, l credential.LockID, w bool) error { return a.Store.WantLog(ever, l, w) }
		}),
		deafened("Bring", func(a *altered) {
			a.bring = func(_ context.Context, l credential.LockID, p [][]byte) error { return a.Store.Bring(ever, l, p) }
		}),
		deafened("Pages", func(a *altered) {
			a.pages = func(_ context.Context, l credential.LockID) ([][]byte, error) { return a.Store.Pages(ever, l) }
		}),
		deafened("Taken", func(a *altered) {
			a.taken = func(_ context.Context, l credential.LockID, p [][]byte) error { return a.Store.Taken(ever, l, p) }
		}),
	}
}
