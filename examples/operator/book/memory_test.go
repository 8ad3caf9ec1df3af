package book_test

import (
	"testing"

	"github.com/postern-lock/postern/examples/operator/book"
	"github.com/postern-lock/postern/examples/operator/book/booktest"
	"github.com/postern-lock/postern/issuer/ledger"
)

func TestMemory(t *testing.T) {
	booktest.Run(t, func(*testing.T) (ledger.Store, book.Book) { return ledger.NewMemory(), book.NewMemory() })
}
