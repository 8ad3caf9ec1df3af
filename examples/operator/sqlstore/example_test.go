package sqlstore_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/postern-lock/postern/examples/operator/sqlstore"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/issuer/ledger"
)

// A day's rounds are issued from a ledger in a file.  Whoever asks again, after a
// crash for example, gets the same grants.
func ExampleOpen() {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "ledger")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	store, err := sqlstore.Open(ctx, filepath.Join(folder, "ledger.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	w := issuertest.New("") // an operator with its key and certificate
	rounds := issues(w, store)
	for range 2 {
		var last ledger.Record
		for r, err := range rounds.Issue(ctx, tours(w, 0, 500)) {
			if err != nil {
				log.Fatal(err)
			}
			last.Serial = max(last.Serial, r.Serial)
		}
		fmt.Println("the last serial is", last.Serial)
	}
	// Output:
	// the last serial is 500
	// the last serial is 500
}
