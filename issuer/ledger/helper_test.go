package ledger_test

import (
	"context"
	"crypto"
	"encoding/binary"
	"errors"
	"io"
	"iter"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/issuer/ledger"
)

const hour credential.Time = 3600

// desk is a post with an empty ledger and a clock that a test moves.
type desk struct {
	*issuertest.World
	*ledger.Rounds
	*ledger.Publisher
	postman credential.PublicKey
	clock   atomic.Uint32
}

// newDesk returns a desk on a store in memory.
func newDesk() *desk { return deskOn(issuertest.New("")) }

func deskOn(w *issuertest.World) *desk {
	d := &desk{World: w, postman: issuertest.Public(w.Key("postman"))}
	d.clock.Store(uint32(w.Now))
	s := ledger.NewMemory()
	now := func() credential.Time { return credential.Time(d.clock.Load()) }
	revoker, err := issuer.NewRevoker(w.Key("post"), w.Post.Authority())
	if err != nil {
		panic(err)
	}
	d.Rounds = &ledger.Rounds{Operator: w.Post, Store: s, Now: now, MinArea: 10, Longest: w.Post.Authority().LongestGrant()}
	d.Publisher = &ledger.Publisher{Revoker: revoker, Store: s, Now: now, Longest: w.Post.Authority().LongestGrant()}
	return d
}

// store returns the ledger.
func (d *desk) store() ledger.Store { return d.Rounds.Store }

// use puts another store into the desk.
func (d *desk) use(s ledger.Store) { d.Rounds.Store, d.Publisher.Store = s, s }

// pass lets time pass.
func (d *desk) pass(t credential.Time) { d.clock.Add(uint32(t)) }

// now returns the time of the desk.
func (d *desk) now() credential.Time { return credential.Time(d.clock.Load()) }

// id returns the id of the n-th duty.
func id(n int) (id ledger.DutyID) {
	binary.BigEndian.PutUint32(id[:], uint32(n+1))
	return id
}

// round returns the n-th duty of a day: one of 100,000 areas.
func (d *desk) round(n int) ledger.Duty {
	area := []byte("FR75000000")
	for i, m := len(area)-1, n; m > 0; i, m = i-1, m/10 {
		area[i] += byte(m % 10)
	}
	return ledger.Duty{
		ID: id(n), Holder: d.postman, Expires: d.World.Now + 12*hour,
		Scope: []credential.Entry{{Target: credential.AreaTarget(area), Actions: credential.ActionDeliver | credential.ActionCollect}},
	}
}

// day returns n duties, all of one holder.
func (d *desk) day(n int) iter.Seq2[ledger.Duty, error] {
	return func(yield func(ledger.Duty, error) bool) {
		for i := range n {
			if !yield(d.round(i), nil) {
				return
			}
		}
	}
}

// issue issues duties of which each gets its grant.
func (d *desk) issue(t testing.TB, list iter.Seq2[ledger.Duty, error]) []ledger.Record {
	t.Helper()
	records, refused, err := collect(d.Issue(t.Context(), list))
	require.NoError(t, err)
	require.Empty(t, refused)
	return records
}

// collect reads all that Issue hands out.
func collect(issue iter.Seq2[ledger.Record, error]) (records []ledger.Record, refused []*ledger.DutyError, end error) {
	for r, err := range issue {
		one, ok := errors.AsType[*ledger.DutyError](err)
		switch {
		case ok:
			refused = append(refused, one)
		case err != nil:
			end = err
		default:
			records = append(records, r)
		}
	}
	return records, refused, end
}

// all returns what a store with few records has.
func all(t testing.TB, s ledger.Store) []ledger.Record {
	t.Helper()
	var records []ledger.Record
	for {
		page, err := s.Since(t.Context(), uint64(len(records)), ledger.MaxNewest)
		require.NoError(t, err)
		if len(page) == 0 {
			return records
		}
		records = append(records, page...)
	}
}

// hooked is a store that a test stands behind.
type hooked struct {
	ledger.Store
	find   func(ctx context.Context) error
	commit func(ctx context.Context, records []ledger.Record) error
	list   func() error
	post   func() error
}

func (h *hooked) Find(ctx context.Context, ids []ledger.DutyID) ([]ledger.Record, error) {
	if h.find != nil {
		if err := h.find(ctx); err != nil {
			return nil, err
		}
	}
	return h.Store.Find(ctx, ids)
}

func (h *hooked) Commit(ctx context.Context, at credential.Time, records []ledger.Record) ([]ledger.Record, error) {
	if h.commit != nil {
		if err := h.commit(ctx, records); err != nil {
			return nil, err
		}
	}
	return h.Store.Commit(ctx, at, records)
}

func (h *hooked) NextList(ctx context.Context, signer credential.KeyID, at credential.Time, longest time.Duration) (credential.RevocationClaims, error) {
	c, err := h.Store.NextList(ctx, signer, at, longest)
	if h.list != nil && err == nil {
		err = h.list()
	}
	return c, err
}

func (h *hooked) Post(ctx context.Context, d ledger.Document) error {
	if h.post != nil {
		if err := h.post(); err != nil {
			return err
		}
	}
	return h.Store.Post(ctx, d)
}

// remote is a key that a test stands behind.
type remote struct {
	crypto.Signer
	before func() error
}

func (k remote) Sign(rand io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	if err := k.before(); err != nil {
		return nil, err
	}
	return k.Signer.Sign(rand, message, opts)
}

// keep puts the post's key behind a test.
func (d *desk) keep(t testing.TB, before func() error) {
	t.Helper()
	var err error
	k := remote{d.Key("post"), before}
	d.Operator, err = issuer.NewOperator(k, d.Post.Authority())
	require.NoError(t, err)
	d.Revoker, err = issuer.NewRevoker(k, d.Post.Authority())
	require.NoError(t, err)
}

// hang lets the post's key fall silent after it has signed so often, until the test
// has it answer or ends.
func (d *desk) hang(t testing.TB, after int32) (answer func()) {
	t.Helper()
	silent := make(chan struct{})
	var signed atomic.Int32
	d.keep(t, func() error {
		if signed.Add(1) > after {
			<-silent
		}
		return nil
	})
	answer = sync.OnceFunc(func() { close(silent) })
	t.Cleanup(answer)
	return answer
}
