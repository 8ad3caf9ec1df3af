package sqlstore_test

import (
	"crypto/ed25519"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/book"
	"github.com/postern-lock/postern/examples/operator/book/booktest"
	"github.com/postern-lock/postern/examples/operator/sqlstore"
	"github.com/postern-lock/postern/issuer/ledger"
)

func TestBook(t *testing.T) {
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			booktest.Run(t, func(t *testing.T) (ledger.Store, book.Book) {
				s := open(t, d.empty(t))
				return s, s.Book()
			})
		})
	}
}

func TestCopyTakesTheBookAlong(t *testing.T) {
	for _, from := range databases {
		for _, to := range databases {
			t.Run(from.name+" to "+to.name, func(t *testing.T) {
				source, target := open(t, from.empty(t)), open(t, to.empty(t))
				full(t, source)
				key, err := credential.NewPublicKey(ed25519.NewKeyFromSeed(make([]byte, 32)).Public())
				require.NoError(t, err)
				want := book.Owner{Key: key, Sequence: 1<<32 - 1, Reached: 7}
				_, err = source.Book().Own(t.Context(), lock(3), want)
				require.NoError(t, err)
				require.NoError(t, source.Book().Spend(t.Context(), [32]byte{1}, now+100, now))
				require.NoError(t, source.Book().Reserve(t.Context(), lock(3), credential.KeyID{1}, [][32]byte{{1}}, 1))
				said := []book.Claim{{Lock: lock(3), Tag: credential.Tag{1}, Courier: credential.KeyID{2}}}
				require.NoError(t, source.Book().Claim(t.Context(), said, 1))
				require.NoError(t, source.Book().Keep(t.Context(), []book.Receipt{{Lock: lock(3), Came: now, Object: []byte{1}, Certificate: []byte{2}}}))
				_, err = sqlstore.Copy(t.Context(), target, source)
				require.NoError(t, err)
				got, err := target.Book().Owner(t.Context(), lock(3))
				require.NoError(t, err)
				require.Equal(t, want, got)
				require.ErrorIs(t, target.Book().Spend(t.Context(), [32]byte{1}, now+100, now), book.ErrSpent)
				require.ErrorIs(t, target.Book().Reserve(t.Context(), lock(3), credential.KeyID{1}, [][32]byte{{2}}, 1), book.ErrQuota)
				require.NoError(t, target.Book().Keep(t.Context(), []book.Receipt{{Lock: lock(3), Digest: [32]byte{1}, Object: []byte{3}, Certificate: []byte{4}}}))
				claims, err := target.Book().Claims(t.Context(), []credential.LockID{lock(3)})
				require.NoError(t, err)
				require.Equal(t, said, claims)
				kept, err := target.Book().Receipts(t.Context(), 0, 9)
				require.NoError(t, err)
				require.Len(t, kept, 2)
				require.EqualValues(t, 2, kept[1].Number)
				require.Equal(t, now, kept[0].Came)
			})
		}
	}
}

// TestLastClaimOfManyStands holds that what couriers say of one lock in one call stays in
// its order, though the locks are held in theirs.
func TestLastClaimOfManyStands(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s := open(t, dsn)
		var boxes []ledger.Box
		var locks []credential.LockID
		for n := range 3 {
			locks = append(locks, lock(n))
			boxes = append(boxes, ledger.Box{Lock: lock(n), Area: area(n)})
		}
		require.NoError(t, s.Place(t.Context(), boxes))
		var claims []book.Claim
		for i := range 60 {
			claims = append(claims, book.Claim{Lock: locks[i*7%3], Tag: credential.Tag{byte(i + 1)}, Courier: credential.KeyID{1}})
		}
		require.NoError(t, s.Book().Claim(t.Context(), claims, 4))
		noted, err := s.Book().Claims(t.Context(), locks)
		require.NoError(t, err)
		require.ElementsMatch(t, claims[57:], noted)
	})
}
