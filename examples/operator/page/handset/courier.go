package handset

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/credential/holder/home"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/examples/operator/client"
)

// errService says that the service could not be reached, or did not take what it
// was given.
var errService = errors.New("handset: the operator's service does not take it")

// How long the service is waited for: on an errand of its own, and while somebody
// stands before the box.
const (
	errand = 10 * time.Second
	beside = 3 * time.Second
)

// maxDocuments is how many documents of the service a tap takes along: the time, the
// operator's list, and those of the schemes.  A lock answers so many requests only,
// and a service that has more for it must not be in the owner's way.
const maxDocuments = 8

// service is the way to the operator's service for a box.
func (h *Handset) service(k *kept) *client.Owner {
	return client.NewOwner(h.config.Service, h.config.HTTP, h.key, k.Lock, h.config.Now, h.config.Rand)
}

// unserved is the error of what the service did not do.
func unserved(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", errService, err)
}

// sync gives the service what it lacks: the proof of whose the box is, the newest
// policy, and the wish for the log.
func (h *Handset) sync(ctx context.Context, k *kept) error {
	if k.Receipt == nil {
		return fmt.Errorf("%w: the box has not said yet whose it is", errService)
	}
	ctx, cancel := context.WithTimeout(ctx, errand)
	defer cancel()
	if err := h.register(ctx, k); err != nil {
		return err
	}
	pending := k.box.Pending()
	if len(pending) == 0 {
		return nil
	}
	policy := pending[0] // of two, the other one is the next owner's to give
	u, err := credential.ParsePolicy(policy)
	if err != nil {
		return err
	}
	if u.Claims.Version <= k.Posted {
		return nil
	}
	if _, err := h.service(k).Post(ctx, policy); err != nil {
		// The highest one may be a former owner's: what to do about it is for the
		// owner to say, as a new one ends the passes of before.
		p, ok := errors.AsType[*api.Problem](err)
		k.Outdone = ok && p.Version >= u.Claims.Version
		return unserved(err)
	}
	k.Posted, k.Outdone = u.Claims.Version, false
	return nil
}

// register proves to the service whose the box is.
func (h *Handset) register(ctx context.Context, k *kept) error {
	if err := h.present(ctx, k, k.Receipt, k.Known, k.Newest); err != nil {
		return err
	}
	if k.Registered {
		return nil
	}
	if err := h.service(k).WantLog(ctx, true); err != nil {
		return unserved(err)
	}
	k.Registered = true
	return nil
}

// present gives the service a receipt, with the policy that it names where that is
// among those given, and learns how far the lock has come: what receipts show, and
// what a visitor says.
func (h *Handset) present(ctx context.Context, k *kept, receipt []byte, policies ...[]byte) error {
	var policy []byte
	if u, err := credential.ParseReceipt(receipt); err == nil {
		for _, named := range policies {
			if p, err := credential.ParsePolicy(named); err == nil && p.Tag() == u.Claims.Policy {
				policy = named
			}
		}
	}
	known, err := h.service(k).Register(ctx, receipt, slices.Concat(k.Certificates, h.config.Makers), policy)
	if err != nil {
		return unserved(err)
	}
	k.Shown, k.Said = known.PolicyVersion, known.PolicySaid
	return nil
}

// tell shows the service what the lock signed at a tap, so that no courier carries
// any more what has arrived.  A service that does not learn it has it carried once
// more, in vain.
func (h *Handset) tell(ctx context.Context, k *kept, r holder.Result, policies [][]byte) {
	if !k.Registered || r.Receipt == nil || !r.Receipt.Verified {
		return
	}
	u, err := credential.ParseReceipt(r.Receipt.Bytes)
	if err != nil || u.Claims.PolicyVersion <= k.Shown {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, beside)
	defer cancel()
	_ = h.present(ctx, k, r.Receipt.Bytes, append(policies, k.Known, k.Newest)...)
}

// post gives the service what is under way, now.
func (h *Handset) post(ctx context.Context, v ofBox) (did, error) {
	k, err := h.boxOf(v.Lock)
	if err != nil {
		return did{}, err
	}
	return did{}, h.sync(ctx, k)
}

// fetch reads the pages of the log that visitors brought to the service.
func (h *Handset) fetch(ctx context.Context, v ofBox) (did, error) {
	k, err := h.boxOf(v.Lock)
	if err != nil {
		return did{}, err
	}
	if err := h.sync(ctx, k); err != nil {
		return did{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, errand)
	defer cancel()
	pages, err := h.service(k).Pages(ctx)
	if err != nil || len(pages) == 0 {
		return did{}, unserved(err)
	}
	before := len(k.box.Lines())
	found := k.box.Brought(pages...)
	if errors.Is(found, home.ErrKeep) {
		return did{}, found
	}
	// Pages that do not open are of no use to anybody: they go with the others.
	if err := h.service(k).Take(ctx, pages); err != nil {
		return did{}, unserved(err)
	}
	return did{Read: len(k.box.Lines()) - before}, nil
}

// bring puts into the owner's own phone what the service has for every lock: lists
// of what was withdrawn, and the time.  Without the service, or with a slow one,
// nothing.
func (h *Handset) bring(ctx context.Context, k *kept, phone *holder.Phone) {
	if !k.Registered {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, beside)
	defer cancel()
	if documents, authorities, err := h.service(k).Documents(ctx); err == nil {
		phone.Documents, phone.Authorities = documents[:min(len(documents), maxDocuments)], authorities
	}
}
