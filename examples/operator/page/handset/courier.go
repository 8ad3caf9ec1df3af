package handset

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/examples/operator/signature"
)

// errService says that the service could not be reached, or did not take what it
// was given.
var errService = errors.New("handset: the operator's service does not take it")

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 1 << 20

// ask sends a request that is signed with the phone's key.
func (h *Handset) ask(ctx context.Context, method, path string, object, into any) error {
	var body []byte
	if object != nil {
		var err error
		if body, err = json.Marshal(object); err != nil {
			return err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, h.config.Service+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if object != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	var nonce signature.Nonce
	if _, err := io.ReadFull(h.config.Rand, nonce[:]); err != nil {
		return err
	}
	if err := signature.Sign(r, body, h.key, credential.At(h.config.Now()), nonce); err != nil {
		return err
	}
	answer, err := h.config.HTTP.Do(r)
	if err != nil {
		return fmt.Errorf("%w: %w", errService, err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", errService, err)
	case answer.StatusCode/100 != 2:
		return fmt.Errorf("%w: it answers %s to %s: %s", errService, answer.Status, path, content[:min(len(content), 300)])
	case into == nil:
		return nil
	}
	return json.Unmarshal(content, into)
}

// sync gives the service what it lacks: the proof of whose the box is, the newest
// policy, and the wish for the log.
func (h *Handset) sync(ctx context.Context, k *kept) error {
	if k.Receipt == nil {
		return fmt.Errorf("%w: the box has not said yet whose it is", errService)
	}
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
	if err := h.ask(ctx, "POST", k.path("policies"), api.PolicyUpload{Policy: policy}, nil); err != nil {
		return err
	}
	k.Posted = u.Claims.Version
	return nil
}

// path is one of the service's for a box.
func (k *kept) path(name string) string { return "/v1/boxes/" + k.Lock.String() + "/" + name }

// register proves to the service whose the box is, and learns which version of the
// policy the lock is said to have reached.
func (h *Handset) register(ctx context.Context, k *kept) error {
	proof := api.Registration{Key: h.key.PublicKey(), Receipt: k.Receipt}
	for _, c := range slices.Concat(k.Certificates, h.config.Makers) {
		proof.Certificates = append(proof.Certificates, c)
	}
	if u, err := credential.ParseReceipt(k.Receipt); err == nil {
		for _, policy := range [][]byte{k.Known, k.Newest} {
			if p, err := credential.ParsePolicy(policy); err == nil && p.Tag() == u.Claims.Policy {
				proof.Policy = policy
			}
		}
	}
	var known api.Ownership
	if err := h.ask(ctx, "PUT", k.path("owner"), proof, &known); err != nil {
		return err
	}
	k.Said = known.PolicyVersion
	if k.Registered {
		return nil
	}
	if err := h.ask(ctx, "PUT", k.path("log-wanted"), api.LogWanted{Wanted: true}, nil); err != nil {
		return err
	}
	k.Registered = true
	return nil
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
	var brought api.Pages
	if err := h.ask(ctx, "GET", k.path("pages"), nil, &brought); err != nil {
		return did{}, err
	}
	if len(brought.Pages) == 0 {
		return did{}, nil
	}
	before := len(k.box.Lines())
	var pages [][]byte
	var taken api.PagesTaken
	for _, page := range brought.Pages {
		pages = append(pages, page)
		taken.Digests = append(taken.Digests, api.Of(sha256.Sum256(page)))
	}
	found := k.box.Brought(pages...)
	if len(k.box.Lines()) == before && found != nil {
		return did{}, found
	}
	// Pages that do not open are of no use to anybody: they go with the others.
	if err := h.ask(ctx, "DELETE", k.path("pages"), taken, nil); err != nil {
		return did{}, err
	}
	return did{Read: len(k.box.Lines()) - before}, nil
}

// bring puts into the owner's own phone what the service has for every lock: lists
// of what was withdrawn, and the time.  Without the service, nothing.
func (h *Handset) bring(ctx context.Context, k *kept, phone *holder.Phone) {
	if !k.Registered {
		return
	}
	var d api.Documents
	if err := h.ask(ctx, "GET", k.path("documents"), nil, &d); err != nil {
		return
	}
	for _, document := range d.Documents {
		phone.Documents = append(phone.Documents, document)
	}
	for _, authority := range d.Authorities {
		phone.Authorities = append(phone.Authorities, authority)
	}
}
