// Package booktest holds every book to the same behaviour.
package booktest

import (
	"crypto/ed25519"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/book"
	"github.com/postern-lock/postern/issuer/ledger"
)

var (
	lock   = credential.LockID{1}
	seller = key(1)
	buyer  = key(2)
)

func key(n byte) credential.PublicKey {
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = n
	k, err := credential.NewPublicKey(ed25519.NewKeyFromSeed(seed).Public())
	if err != nil {
		panic(err)
	}
	return k
}

// Run holds books to their contract.  Open returns an empty one, and the ledger
// beside it.
func Run(t *testing.T, open func(*testing.T) (ledger.Store, book.Book)) {
	for name, test := range map[string]func(*testing.T, book.Book){
		"greatest sequence decides whose a lock is": sequences,
		"next owner begins beyond the former":       beyond,
		"versions do not fall":                      versions,
		"nonce is spent once, until its time":       nonces,
		"one courier has so many pages":             quota,
		"quota holds for those who come at once":    quotaAtOnce,
		"receipts are kept once, in order":          receipts,
		"old receipts are forgotten":                forgets,
		"many receipts are forgotten by and by":     forgetsMany,
		"claims are noted until they are settled":   claims,
		"claims of one lock are bounded":            claimsBounded,
		"one of many owners at once":                owners,
	} {
		t.Run(name, func(t *testing.T) {
			store, b := open(t)
			require.NoError(t, store.Place(t.Context(), []ledger.Box{{Lock: lock, Area: []byte("FR")}}))
			test(t, b)
		})
	}
}

func own(t *testing.T, b book.Book, o book.Owner) book.Owner {
	t.Helper()
	known, err := b.Own(t.Context(), lock, o)
	require.NoError(t, err)
	read, err := b.Owner(t.Context(), lock)
	require.NoError(t, err)
	require.Equal(t, read, known)
	return known
}

func sequences(t *testing.T, b book.Book) {
	_, err := b.Owner(t.Context(), lock)
	require.ErrorIs(t, err, book.ErrNobody)
	own(t, b, book.Owner{Key: seller, Sequence: 5})
	own(t, b, book.Owner{Key: seller, Sequence: 3})
	for _, n := range []uint32{1, 4, 5} {
		_, err := b.Own(t.Context(), lock, book.Owner{Key: buyer, Sequence: n})
		require.ErrorIs(t, err, book.ErrOlder)
	}
	require.Equal(t, buyer, own(t, b, book.Owner{Key: buyer, Sequence: 6}).Key)
	_, err = b.Own(t.Context(), lock, book.Owner{Key: seller, Sequence: 5})
	require.ErrorIs(t, err, book.ErrOlder)
	require.Equal(t, book.Owner{Key: buyer, Sequence: 1<<32 - 1}, own(t, b, book.Owner{Key: buyer, Sequence: 1<<32 - 1}))
}

func beyond(t *testing.T, b book.Book) {
	own(t, b, book.Owner{Key: seller, Sequence: 1, Reached: 3})
	require.NoError(t, b.Posting(t.Context(), lock, seller, 900))
	require.ErrorIs(t, b.Posting(t.Context(), lock, buyer, 901), book.ErrNobody)
	require.Equal(t, book.Owner{Key: buyer, Sequence: 2, Reached: 900}, own(t, b, book.Owner{Key: buyer, Sequence: 2, Reached: 3}))
	require.ErrorIs(t, b.Posting(t.Context(), lock, seller, 901), book.ErrNobody)
	require.ErrorIs(t, b.Posting(t.Context(), credential.LockID{2}, seller, 1), book.ErrNobody)
}

func versions(t *testing.T, b book.Book) {
	require.NoError(t, b.Reach(t.Context(), lock, 7)) // of a lock without an owner
	_, err := b.Owner(t.Context(), lock)
	require.ErrorIs(t, err, book.ErrNobody)
	own(t, b, book.Owner{Key: seller, Sequence: 1, Reached: 3})
	for _, version := range []uint32{9, 4} {
		require.NoError(t, b.Reach(t.Context(), lock, version))
		require.NoError(t, b.Posting(t.Context(), lock, seller, version))
	}
	require.Equal(t, book.Owner{Key: seller, Sequence: 2, Reached: 9, Posted: 9}, own(t, b, book.Owner{Key: seller, Sequence: 2, Reached: 1}))
}

func nonces(t *testing.T, b book.Book) {
	first, second := [32]byte{1}, [32]byte{2}
	require.NoError(t, b.Spend(t.Context(), first, 100, 50))
	require.ErrorIs(t, b.Spend(t.Context(), first, 100, 50), book.ErrSpent)
	require.NoError(t, b.Spend(t.Context(), second, 100, 50))
	require.ErrorIs(t, b.Spend(t.Context(), first, 300, 100), book.ErrSpent)
	require.NoError(t, b.Spend(t.Context(), first, 300, 101))
}

func quota(t *testing.T, b book.Book) {
	one, two := credential.KeyID{1}, credential.KeyID{2}
	require.NoError(t, b.Reserve(t.Context(), lock, one, [][32]byte{{1}, {2}}, 3))
	require.NoError(t, b.Reserve(t.Context(), lock, one, [][32]byte{{2}, {1}}, 3))
	require.ErrorIs(t, b.Reserve(t.Context(), lock, one, [][32]byte{{3}, {4}}, 3), book.ErrQuota)
	require.NoError(t, b.Reserve(t.Context(), lock, one, [][32]byte{{3}, {3}}, 3))
	require.ErrorIs(t, b.Reserve(t.Context(), lock, one, [][32]byte{{4}}, 3), book.ErrQuota)
	require.NoError(t, b.Reserve(t.Context(), lock, two, [][32]byte{{1}, {4}, {5}, {6}}, 3), "the first is noted already")
	require.NoError(t, b.Retain(t.Context(), lock, [][32]byte{{2}, {3}, {4}, {5}, {6}, {99}}))
	require.NoError(t, b.Reserve(t.Context(), lock, one, [][32]byte{{7}}, 3))
	require.NoError(t, b.Retain(t.Context(), credential.LockID{9}, nil))
	require.ErrorIs(t, b.Reserve(t.Context(), lock, one, [][32]byte{{8}}, 3), book.ErrQuota)
	require.NoError(t, b.Retain(t.Context(), lock, nil))
	require.NoError(t, b.Reserve(t.Context(), lock, one, [][32]byte{{8}, {9}, {10}}, 3))
}

func quotaAtOnce(t *testing.T, b book.Book) {
	var wg sync.WaitGroup
	results := make([]error, 8)
	for i := range results {
		wg.Go(func() {
			results[i] = b.Reserve(t.Context(), lock, credential.KeyID{1}, [][32]byte{{byte(i)}, {byte(i), 1}}, 6)
		})
	}
	wg.Wait()
	taken := 0
	for _, err := range results {
		if err == nil {
			taken++
			continue
		}
		require.ErrorIs(t, err, book.ErrQuota)
	}
	require.Equal(t, 3, taken)
}

func receipts(t *testing.T, b book.Book) {
	r := func(n byte) book.Receipt {
		return book.Receipt{Came: 100, Lock: lock, Digest: [32]byte{n}, Object: []byte{n}, Certificate: []byte{n, n}}
	}
	require.NoError(t, b.Keep(t.Context(), nil))
	require.NoError(t, b.Keep(t.Context(), []book.Receipt{r(1), r(2), r(1)}))
	require.NoError(t, b.Keep(t.Context(), []book.Receipt{r(2), r(3)}))
	all, err := b.Receipts(t.Context(), 0, 10)
	require.NoError(t, err)
	require.Len(t, all, 3)
	for i, got := range all {
		want := r(byte(i + 1))
		want.Number = uint64(i + 1)
		require.Equal(t, want, got)
	}
	some, err := b.Receipts(t.Context(), 1, 1)
	require.NoError(t, err)
	require.Equal(t, all[1:2], some)
	none, err := b.Receipts(t.Context(), 3, 10)
	require.NoError(t, err)
	require.Empty(t, none)
}

// came keeps receipts that came at the times, whose numbers go on.
func came(t *testing.T, b book.Book, from int, times ...credential.Time) {
	t.Helper()
	var all []book.Receipt
	for i, at := range times {
		n := from + i
		all = append(all, book.Receipt{Came: at, Lock: lock, Digest: [32]byte{byte(n), byte(n >> 8)}, Object: []byte{1}, Certificate: []byte{2}})
	}
	require.NoError(t, b.Keep(t.Context(), all))
}

// numbers are those of the receipts that are there.
func numbers(t *testing.T, b book.Book) (all []uint64) {
	t.Helper()
	kept, err := b.Receipts(t.Context(), 0, 10_000)
	require.NoError(t, err)
	for _, r := range kept {
		all = append(all, r.Number)
	}
	return all
}

func forgets(t *testing.T, b book.Book) {
	came(t, b, 1, 100, 101, 150, 120, 200)
	for _, step := range []struct {
		name   string
		before credential.Time
		most   int
		left   []uint64
	}{
		{"none is as old, or too many", 100, 5, []uint64{1, 2, 3, 4, 5}},
		{"those of before", 102, 5, []uint64{3, 4, 5}},
		{"it ends at the first that stays", 140, 5, []uint64{3, 4, 5}},
		{"those beyond the newest", 0, 2, []uint64{4, 5}},
		{"both", 130, 2, []uint64{5}},
		{"all", 201, 9, nil},
		{"none is left", 500, 0, nil},
	} {
		before := len(numbers(t, b))
		n, err := b.Forget(t.Context(), step.before, step.most)
		require.NoError(t, err)
		require.Equal(t, before-len(step.left), n, step.name)
		require.Equal(t, step.left, numbers(t, b), step.name)
	}
	came(t, b, 5, 300, 301) // the first one was there, and was forgotten
	require.Equal(t, []uint64{6, 7}, numbers(t, b), "a number is given once")
	after, err := b.Receipts(t.Context(), 2, 1)
	require.NoError(t, err)
	require.EqualValues(t, 6, after[0].Number, "whoever reads on sees the gap")
}

func forgetsMany(t *testing.T, b book.Book) {
	times := make([]credential.Time, book.MaxForget+20)
	for i := range times {
		times[i] = 100
	}
	came(t, b, 1, times...)
	came(t, b, len(times)+1, 200)
	for _, want := range []int{book.MaxForget, 20, 0} {
		n, err := b.Forget(t.Context(), 150, 1000)
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	require.Equal(t, []uint64{uint64(len(times)) + 1}, numbers(t, b))
}

// said returns what is noted of the locks.
func said(t *testing.T, b book.Book, locks ...credential.LockID) []book.Claim {
	t.Helper()
	all, err := b.Claims(t.Context(), locks)
	require.NoError(t, err)
	return all
}

// claim is what a courier says of the lock.
func claim(tag credential.Tag, courier credential.KeyID) book.Claim {
	return book.Claim{Lock: lock, Tag: tag, Courier: courier}
}

func claims(t *testing.T, b book.Book) {
	one, two := credential.KeyID{1}, credential.KeyID{2}
	old, tag := credential.Tag{1}, credential.Tag{2}
	require.Empty(t, said(t, b, lock))
	require.Empty(t, said(t, b))
	require.NoError(t, b.Claim(t.Context(), nil, 4))
	require.NoError(t, b.Claim(t.Context(), []book.Claim{claim(old, one), claim(old, two)}, 4))
	require.ElementsMatch(t, []book.Claim{claim(old, one), claim(old, two)}, said(t, b, lock))
	for range 2 {
		require.NoError(t, b.Claim(t.Context(), []book.Claim{claim(tag, two)}, 4))
		require.Equal(t, []book.Claim{claim(tag, two)}, said(t, b, credential.LockID{9}, lock), "of another policy nothing is noted any more")
	}
	require.NoError(t, b.Settle(t.Context(), []credential.LockID{{9}}))
	require.Len(t, said(t, b, lock), 1)
	require.Empty(t, said(t, b, credential.LockID{9}))
	for range 2 {
		require.NoError(t, b.Settle(t.Context(), []credential.LockID{{9}, lock}))
		require.Empty(t, said(t, b, lock))
	}
}

func claimsBounded(t *testing.T, b book.Book) {
	tag := credential.Tag{1}
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() { errs[i] = b.Claim(t.Context(), []book.Claim{claim(tag, credential.KeyID{byte(i + 1)})}, 3) })
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	first := said(t, b, lock)
	require.Len(t, first, 3)
	require.NoError(t, b.Claim(t.Context(), []book.Claim{first[0]}, 3))
	require.ElementsMatch(t, first, said(t, b, lock), "the same again changes nothing")
	require.NoError(t, b.Claim(t.Context(), []book.Claim{claim(credential.Tag{2}, credential.KeyID{9})}, 3))
	require.Len(t, said(t, b, lock), 1, "another policy makes room")
}

func owners(t *testing.T, b book.Book) {
	const many = 8
	var wg sync.WaitGroup
	results := make([]error, many)
	for i := range many {
		wg.Go(func() {
			_, results[i] = b.Own(t.Context(), lock, book.Owner{Key: key(byte(i + 1)), Sequence: uint32(i + 1)})
		})
	}
	wg.Wait()
	o, err := b.Owner(t.Context(), lock)
	require.NoError(t, err)
	require.Equal(t, key(many), o.Key)
	for _, err := range results {
		require.True(t, err == nil || errors.Is(err, book.ErrOlder), err)
	}
	require.NoError(t, results[many-1])
}
