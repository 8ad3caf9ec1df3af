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
