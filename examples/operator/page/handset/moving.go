package handset

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/credential/holder/home"
)

// takeOver makes this phone the owner of a box by the secret inside.
func (h *Handset) takeOver(ctx context.Context, v struct {
	ofBox
	Secret string `json:"secret"`
	Name   string `json:"name"`
}) (did, error) {
	secret, err := hex.DecodeString(digits(v.Secret))
	if err != nil || len(secret) != 16 {
		return did{}, inputError("secret")
	}
	k, fresh, err := h.newBox(digits(v.Lock), v.Name)
	if err != nil {
		return did{}, err
	}
	tag, leave, err := h.config.Hold(ctx, k.Lock)
	if err != nil {
		return did{}, noLink(err)
	}
	defer leave()
	// From here on the box is in the memory: an answer can be lost on its way, and
	// then the next tap finds out whose it is.
	if fresh {
		h.memory.Boxes = append(h.memory.Boxes, k)
	}
	_, r, err := k.box.MoveIn(ctx, h.phone(), tag, [16]byte(secret), h.config.Now())
	if r.Advice == holder.AdviceYours { // an answer was lost the last time
		_, r, err = k.box.Agree(ctx, h.phone(), tag, h.config.Now())
	}
	if err != nil {
		if fresh && r.Outcome != credential.OutcomeUnconfirmed {
			h.drop(k)
		}
		return did{}, err
	}
	return did{Lock: k.Lock.String()}, h.settle(ctx, k, tag)
}

// settle is what follows when a box has become the owner's: it admits those who
// deliver, unless the owner could say before whom to admit, and has the box prove to
// the service whose it is.
func (h *Handset) settle(ctx context.Context, k *kept, tag apdu.Transceiver) error {
	if !k.Chosen && len(k.box.Settings().Services) == 0 {
		_, err := k.box.Set(h.config.Now(), func(s *home.Settings) {
			s.Services = []credential.Admission{{Service: credential.ServicePost, Actions: admitted}, {Service: credential.ServiceParcel, Actions: admitted}}
		})
		if err != nil {
			return err
		}
	}
	k.Chosen = true
	h.noteUnderWay() // the box takes it at once
	k.Registered, k.Posted, k.Said, k.Outdone = false, 0, 0, false
	if err := h.prove(ctx, k, tag); err != nil { // which hands the policy over as well
		return err
	}
	_ = h.sync(ctx, k) // a service that cannot be reached takes it later
	return nil
}

// newBox returns the box with the number: the one that the phone has, where it is
// not known to be this owner's, or a new one.
func (h *Handset) newBox(lock, name string) (k *kept, fresh bool, err error) {
	id, err := credential.ParseLockID(lock)
	switch {
	case err != nil:
		return nil, false, inputError("lock")
	case strings.TrimSpace(name) == "":
		return nil, false, inputError("name")
	}
	if k, err := h.boxOf(lock); err == nil {
		if _, _, given := k.box.Heir(); !given && k.Receipt != nil {
			return nil, false, inputError("known")
		}
		return k, false, nil
	}
	k = &kept{Lock: id, Name: name}
	k.box, err = home.New(h.key, id, h.keep(k))
	return k, true, err
}

// drop forgets a box.
func (h *Handset) drop(k *kept) {
	h.memory.Boxes = slices.DeleteFunc(h.memory.Boxes, func(other *kept) bool { return other == k })
}

// transferLink begins a link by which a box is given away: the policy follows.
const transferLink = "postern:transfer/"

// transfer gives the box to another key.
func (h *Handset) transfer(ctx context.Context, v struct {
	ofBox
	To string `json:"to"`
}) (did, error) {
	to, err := h.requestOf(v.To)
	if err != nil {
		return did{}, err
	}
	return h.decide(ctx, v.Lock, func(b *home.Box) error {
		_, err := b.Transfer(h.config.Now(), to)
		return err
	})
}

// transferOf returns the link of a transfer.
func transferOf(policy []byte) string {
	return transferLink + base64.RawURLEncoding.EncodeToString(policy)
}

// accept takes a box over that a former owner gives away, by the link.  The former
// owner brings the transfer to the box; the first tap after that settles it.
func (h *Handset) accept(ctx context.Context, v struct {
	Link string `json:"link"`
	Name string `json:"name"`
}) (did, error) {
	_, text, ok := strings.Cut(strings.TrimSpace(v.Link), transferLink)
	policy, err := base64.RawURLEncoding.DecodeString(text)
	if !ok || err != nil {
		return did{}, inputError("transfer")
	}
	u, err := credential.ParsePolicy(policy)
	if err != nil {
		return did{}, inputError("transfer")
	}
	lock := u.Claims.Lock
	k, fresh, err := h.newBox(lock.String(), v.Name)
	if err != nil {
		return did{}, err
	}
	if fresh { // else it was accepted before, and the box did not know then
		if _, err := k.box.Accept(h.config.Now(), policy); err != nil {
			return did{}, err
		}
		h.memory.Boxes = append(h.memory.Boxes, k)
	}
	tag, leave, err := h.config.Hold(ctx, lock)
	if err != nil {
		return did{Lock: lock.String()}, noLink(err)
	}
	defer leave()
	if _, _, err := k.box.Agree(ctx, h.phone(), tag, h.config.Now()); err != nil {
		return did{Lock: lock.String()}, err
	}
	return did{Lock: k.Lock.String()}, h.settle(ctx, k, tag)
}

// rename gives a box another name, which nobody else learns.
func (h *Handset) rename(_ context.Context, v struct {
	ofBox
	Name string `json:"name"`
}) (did, error) {
	k, err := h.boxOf(v.Lock)
	if err != nil {
		return did{}, err
	}
	if strings.TrimSpace(v.Name) == "" {
		return did{}, inputError("name")
	}
	k.Name = v.Name
	return did{}, nil
}

// forget forgets a box, which stays this owner's.
func (h *Handset) forget(_ context.Context, v ofBox) (did, error) {
	k, err := h.boxOf(v.Lock)
	if err == nil {
		h.drop(k)
	}
	return did{}, err
}

// backup returns the memory, for a file that is kept like a secret.
func (h *Handset) backup(context.Context, struct{}) (did, error) {
	text, err := json.MarshalIndent(h.memory, "", " ")
	return did{Backup: string(text)}, err
}

// restore reads the boxes of a backup that the phone does not have: as they were
// for the same key, and with guests and settings alone for another one.
func (h *Handset) restore(_ context.Context, v struct {
	Backup string `json:"backup"`
}) (did, error) {
	var m memory
	if err := json.Unmarshal([]byte(v.Backup), &m); err != nil || m.check() != nil || len(m.Boxes) == 0 {
		return did{}, inputError("backup")
	}
	var fresh []*kept // all are read before one is taken
	for _, k := range m.Boxes {
		same := func(other *kept) bool { return other.Lock == k.Lock }
		if slices.ContainsFunc(h.memory.Boxes, same) || slices.ContainsFunc(fresh, same) {
			continue
		}
		if err := h.restoreBox(k); err != nil {
			return did{}, errors.Join(inputError("backup"), err)
		}
		fresh = append(fresh, k)
	}
	if len(fresh) == 0 {
		return did{}, inputError("known")
	}
	h.memory.Boxes = append(h.memory.Boxes, fresh...)
	return did{}, nil
}

// restoreBox loads a box of a backup.
func (h *Handset) restoreBox(k *kept) (err error) {
	k.box, err = home.Load(h.key, k.saved(), h.keep(k))
	k.Chosen = k.Chosen || k.Receipt != nil // in an older backup the receipt alone tells
	if errors.Is(err, home.ErrKey) {
		k.Receipt, k.Certificates, k.Registered, k.Posted, k.Said, k.Shown, k.Vault = nil, nil, false, 0, 0, 0, nil
		k.Outdone = false
		k.box, err = home.Succeed(h.key, k.saved(), h.keep(k))
		return err
	}
	if err != nil {
		return err
	}
	return k.box.Restored()
}

// requestOf reads the code of a guest or of a new owner.
func (h *Handset) requestOf(text string) (credential.PublicKey, error) {
	key, err := credential.ParseRequestLink(strings.TrimSpace(text))
	switch {
	case err != nil:
		return key, inputError("code")
	case key == h.key.PublicKey():
		return key, inputError("own")
	}
	return key, nil
}

// digits takes out of what people type what only groups it.
func digits(s string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "-", "", "\n", "").Replace(s))
}
