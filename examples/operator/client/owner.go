package client

import (
	"context"
	"crypto/sha256"
	"io"
	"net/http"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/examples/operator/signature"
)

// Owner is an owner's app, for one box.
type Owner struct {
	connection
	key  holder.Key
	path string
}

// NewOwner returns the app with the owner's key.  Base is the address of the
// owners' door.  HTTP sends the requests: http.DefaultClient, which uses the
// browser's fetch where the program runs in one.  Now is the clock, and random is
// crypto/rand.Reader.
func NewOwner(base string, h *http.Client, key holder.Key, lock credential.LockID, now func() time.Time, random io.Reader) *Owner {
	sign := func(r *http.Request, body []byte) error {
		var nonce signature.Nonce
		if _, err := io.ReadFull(random, nonce[:]); err != nil {
			return err
		}
		return signature.Sign(r, body, key, credential.At(now()), nonce)
	}
	return &Owner{connection{base, h, sign}, key, "/v1/boxes/" + lock.String()}
}

// Register proves that the box is the owner's, by a receipt that the lock gave by
// the bare key and the lock's certificates.  Policy is the one in force, where the
// receipt is not that of the commissioning or transfer; nil else.
func (o *Owner) Register(ctx context.Context, receipt []byte, certificates [][]byte, policy []byte) (api.Ownership, error) {
	g := api.Registration{Key: o.key.PublicKey(), Receipt: receipt, Policy: policy}
	for _, c := range certificates {
		g.Certificates = append(g.Certificates, c)
	}
	var known api.Ownership
	err := o.ask(ctx, "PUT", o.path+"/owner", g, &known)
	return known, err
}

// Post leaves a policy for the couriers.  Where there is a newer one, the error is
// a *api.Problem whose Version is what a new one has to exceed.
func (o *Owner) Post(ctx context.Context, policy []byte) (api.PolicyPosted, error) {
	var posted api.PolicyPosted
	err := o.ask(ctx, "POST", o.path+"/policies", api.PolicyUpload{Policy: policy}, &posted)
	return posted, err
}

// WantLog says whether couriers are to bring the log.
func (o *Owner) WantLog(ctx context.Context, wanted bool) error {
	return o.ask(ctx, "PUT", o.path+"/log-wanted", api.LogWanted{Wanted: wanted}, nil)
}

// Pages fetches the sealed pages that couriers brought.
func (o *Owner) Pages(ctx context.Context) ([][]byte, error) {
	var p api.Pages
	if err := o.ask(ctx, "GET", o.path+"/pages", nil, &p); err != nil {
		return nil, err
	}
	return plain(p.Pages), nil
}

// Take has pages forgotten that were read, or found to be none, at most 64.
func (o *Owner) Take(ctx context.Context, pages [][]byte) error {
	var taken api.PagesTaken
	for _, p := range pages {
		taken.Digests = append(taken.Digests, api.Of(sha256.Sum256(p)))
	}
	return o.ask(ctx, "DELETE", o.path+"/pages", taken, nil)
}

// Documents fetches what the owner's own phone can take to the lock: for
// Phone.Documents and Phone.Authorities of package holder.
func (o *Owner) Documents(ctx context.Context) (documents, authorities [][]byte, err error) {
	var d api.Documents
	if err := o.ask(ctx, "GET", o.path+"/documents", nil, &d); err != nil {
		return nil, nil, err
	}
	return plain(d.Documents), plain(d.Authorities), nil
}

// plain returns bytes as they stand outside of JSON.
func plain(all []api.Bytes) [][]byte {
	b := make([][]byte, len(all))
	for i := range all {
		b[i] = all[i]
	}
	return b
}
