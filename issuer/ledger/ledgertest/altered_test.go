package ledgertest

import (
	"context"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

// altered is a store with calls that are not what they should be.
type altered struct {
	ledger.Store
	find      func(context.Context, []ledger.DutyID) ([]ledger.Record, error)
	commit    func(context.Context, credential.Time, []ledger.Record) ([]ledger.Record, error)
	since     func(context.Context, uint64, int) ([]ledger.Record, error)
	held      func(context.Context, credential.KeyID, credential.Time) ([]ledger.Record, error)
	withdraw  func(context.Context, credential.Time, []credential.Tag) error
	list      func(context.Context, credential.KeyID, credential.Time, time.Duration) (credential.RevocationClaims, error)
	raise     func(context.Context, credential.KeyID, credential.Time, credential.Time) (int, error)
	place     func(context.Context, []ledger.Box) error
	post      func(context.Context, ledger.Document) error
	outbox    func(context.Context, []byte) (ledger.Load, error)
	locks     func(context.Context, []credential.LockID) (ledger.Load, error)
	delivered func(context.Context, []ledger.Delivery) error
	want      func(context.Context, credential.LockID, bool) error
	bring     func(context.Context, credential.LockID, [][]byte) error
	pages     func(context.Context, credential.LockID) ([][]byte, error)
	taken     func(context.Context, credential.LockID, [][]byte) error
}

// alter returns the store with all calls as they are, to be altered.
func alter(s ledger.Store) *altered {
	return &altered{
		s, s.Find, s.Commit, s.Since, s.Held, s.Withdraw, s.NextList, s.RaiseLeast,
		s.Place, s.Post, s.Outbox, s.OutboxOf, s.Delivered, s.WantLog, s.Bring, s.Pages, s.Taken,
	}
}

func (a *altered) Find(ctx context.Context, duties []ledger.DutyID) ([]ledger.Record, error) {
	return a.find(ctx, duties)
}

func (a *altered) Commit(ctx context.Context, at credential.Time, records []ledger.Record) ([]ledger.Record, error) {
	return a.commit(ctx, at, records)
}

func (a *altered) Since(ctx context.Context, serial uint64, limit int) ([]ledger.Record, error) {
	return a.since(ctx, serial, limit)
}

func (a *altered) Held(ctx context.Context, holder credential.KeyID, at credential.Time) ([]ledger.Record, error) {
	return a.held(ctx, holder, at)
}

func (a *altered) Withdraw(ctx context.Context, at credential.Time, tags []credential.Tag) error {
	return a.withdraw(ctx, at, tags)
}

func (a *altered) NextList(ctx context.Context, signer credential.KeyID, at credential.Time, longest time.Duration) (credential.RevocationClaims, error) {
	return a.list(ctx, signer, at, longest)
}

func (a *altered) RaiseLeast(ctx context.Context, signer credential.KeyID, least, at credential.Time) (int, error) {
	return a.raise(ctx, signer, least, at)
}

func (a *altered) Place(ctx context.Context, boxes []ledger.Box) error { return a.place(ctx, boxes) }

func (a *altered) Post(ctx context.Context, d ledger.Document) error { return a.post(ctx, d) }

func (a *altered) Outbox(ctx context.Context, area []byte) (ledger.Load, error) {
	return a.outbox(ctx, area)
}

func (a *altered) OutboxOf(ctx context.Context, locks []credential.LockID) (ledger.Load, error) {
	return a.locks(ctx, locks)
}

func (a *altered) Delivered(ctx context.Context, deliveries []ledger.Delivery) error {
	return a.delivered(ctx, deliveries)
}

func (a *altered) WantLog(ctx context.Context, lock credential.LockID, wanted bool) error {
	return a.want(ctx, lock, wanted)
}

func (a *altered) Bring(ctx context.Context, lock credential.LockID, pages [][]byte) error {
	return a.bring(ctx, lock, pages)
}

func (a *altered) Pages(ctx context.Context, lock credential.LockID) ([][]byte, error) {
	return a.pages(ctx, lock)
}

func (a *altered) Taken(ctx context.Context, lock credential.LockID, pages [][]byte) error {
	return a.taken(ctx, lock, pages)
}
