package ledgertest

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

const (
	now  credential.Time = 1_803_888_000 // 2027-03-01T08:00:00Z
	hour credential.Time = 3600

	longest = 12 * time.Hour // from issue to end of a record
)

// The signer and the holder of most records.
var (
	post    = credential.KeyID{0x90, 1}
	postman = credential.KeyID{0xa0, 2}
)

// record returns the n-th of a row of records that differ in all that must.
func record(n uint32, alter ...func(*ledger.Record)) ledger.Record {
	r := ledger.Record{
		Duty: duty(n), Signer: post, Holder: postman,
		IssuedAt: now, Expires: now + credential.Time(longest/time.Second),
		Grant: fmt.Appendf(nil, "grant %d", n),
	}
	binary.BigEndian.PutUint32(r.Tag[4:], n+1)
	for _, a := range alter {
		a(&r)
	}
	return r
}

// records returns the records from the number on.
func records(from, n int, alter ...func(*ledger.Record)) []ledger.Record {
	var row []ledger.Record
	for i := range n {
		row = append(row, record(uint32(from+i), alter...))
	}
	return row
}

// duty returns the id of the n-th duty.
func duty(n uint32) (id ledger.DutyID) {
	binary.BigEndian.PutUint32(id[12:], n+1)
	return id
}

// commit keeps records that are good.
func commit(t tester, s ledger.Store, at credential.Time, records ...ledger.Record) []ledger.Record {
	t.Helper()
	kept, err := s.Commit(t.Context(), at, records)
	require.NoError(t, err)
	require.Len(t, kept, len(records))
	return kept
}

// all returns every record of a store with few of them.
func all(t tester, s ledger.Store) []ledger.Record {
	t.Helper()
	records, err := s.Since(t.Context(), 0, ledger.MaxNewest)
	require.NoError(t, err)
	return records
}

// tagsOf returns the tags of the records.
func tagsOf(records []ledger.Record) []credential.Tag {
	var tags []credential.Tag
	for _, r := range records {
		tags = append(tags, r.Tag)
	}
	return tags
}

// list reserves a list that there must be.
func list(t tester, s ledger.Store, at credential.Time) credential.RevocationClaims {
	t.Helper()
	c, err := s.NextList(t.Context(), post, at, longest)
	require.NoError(t, err)
	return c
}

// key returns the private key with the name.
func key(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// signed signs an object with the key with the name, and the document around it
// lacks its lock.
func signed(t tester, name string, build func(credential.PublicKey) (credential.Unsigned, error)) ledger.Document {
	t.Helper()
	k := key(name)
	public, err := credential.NewPublicKey(k.Public())
	require.NoError(t, err)
	u, err := build(public)
	require.NoError(t, err)
	data, err := u.WithSignature(ed25519.Sign(k, u.ToBeSigned()))
	require.NoError(t, err)
	digest := sha256.Sum256(u.ToBeSigned())
	return ledger.Document{Signer: credential.KeyIDOf(public), Tag: credential.Tag(digest[:8]), Bytes: data}
}

// policy returns a policy of the owner for the lock; a later time makes another of
// the same version.
func policy(t tester, lock credential.LockID, version uint32, at credential.Time) ledger.Document {
	t.Helper()
	d := signed(t, "owner", func(k credential.PublicKey) (credential.Unsigned, error) {
		return credential.NewPolicy(credential.PolicyClaims{Lock: lock, Version: version, IssuedAt: at, Owner: k}, k)
	})
	d.Lock, d.Version = lock, version
	return d
}

// revocation returns a list of the named signer.
func revocation(t tester, name string, version uint32, at credential.Time) ledger.Document {
	t.Helper()
	d := signed(t, name, func(k credential.PublicKey) (credential.Unsigned, error) {
		return credential.NewRevocationList(credential.RevocationClaims{Version: version, IssuedAt: at}, k)
	})
	d.Version = version
	return d
}

// lockID returns the id of the n-th lock.
func lockID(n int) (id credential.LockID) {
	binary.BigEndian.PutUint32(id[:], uint32(n+1))
	return id
}

// place puts locks into areas, the first one being lockID(0).
func place(t tester, s ledger.Store, areas ...string) {
	t.Helper()
	var boxes []ledger.Box
	for i, a := range areas {
		boxes = append(boxes, ledger.Box{Lock: lockID(i), Area: []byte(a)})
	}
	require.NoError(t, s.Place(t.Context(), boxes))
}

// outbox returns the load for an area; what is empty is nil.
func outbox(t tester, s ledger.Store, area string) ledger.Load {
	t.Helper()
	load, err := s.Outbox(t.Context(), []byte(area))
	require.NoError(t, err)
	return cleared(load)
}

// outboxOf returns the load for locks; what is empty is nil.
func outboxOf(t tester, s ledger.Store, locks ...credential.LockID) ledger.Load {
	t.Helper()
	load, err := s.OutboxOf(t.Context(), locks)
	require.NoError(t, err)
	return cleared(load)
}

// cleared returns the load with nil for what is empty.
func cleared(load ledger.Load) ledger.Load {
	return ledger.Load{
		Lists:    append([]ledger.Document(nil), load.Lists...),
		Policies: append([]ledger.Document(nil), load.Policies...),
		Logs:     append([]credential.LockID(nil), load.Logs...),
	}
}

// page returns the n-th sealed page.
func page(n int) []byte {
	p := make([]byte, ledger.SealedBytes)
	binary.BigEndian.PutUint32(p[len(p)-4:], uint32(n))
	return p
}

// pages returns n pages from the number on.
func pages(from, n int) [][]byte {
	var row [][]byte
	for i := range n {
		row = append(row, page(from+i))
	}
	return row
}

// together runs f n times at once, and fails the test by the first error.
func together(t tester, n int, f func(i int) error) {
	t.Helper()
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
}
