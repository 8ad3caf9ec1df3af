package sqlstore_test

import (
	"testing"

	"github.com/postern-lock/postern/examples/operator/book"
	"github.com/postern-lock/postern/examples/operator/book/booktest"
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
