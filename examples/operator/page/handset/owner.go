package handset

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/credential/holder/home"
)

// ofBox are the values of what is done with a box.
type ofBox struct {
	Lock string `json:"lock"`
}

// open opens a box by the owner's bare key.
func (h *Handset) open(ctx context.Context, v ofBox) (did, error) {
	return h.visit(ctx, v.Lock, credential.OperationOpen)
}

// tap hands over what is under way and reads the log, without opening.
func (h *Handset) tap(ctx context.Context, v ofBox) (did, error) {
	return h.visit(ctx, v.Lock, credential.OperationStatus)
}

// visit is an ordinary tap of the owner's.
func (h *Handset) visit(ctx context.Context, lock string, operation credential.Operation) (did, error) {
	k, err := h.boxOf(lock)
	if err != nil {
		return did{}, err
	}
	phone := h.phone()
	h.bring(ctx, k, phone)
	tag, leave, err := h.config.Hold(ctx, k.Lock)
	if err != nil {
		return did{}, noLink(err)
	}
	defer leave()
	if k.Receipt == nil { // a tap was cut, or a transfer had not arrived: find out
		if _, _, err := k.box.Agree(ctx, h.phone(), tag, h.config.Now()); err != nil {
			return did{}, err
		}
		if err := h.settle(ctx, k, tag); err != nil {
			return did{}, err
		}
	}
	pending, before := k.box.Pending(), len(k.box.Lines())
	r, err := k.box.Visit(ctx, phone, tag, operation)
	h.tell(ctx, k, r, pending)
	return did{Result: resultOf(r, pending), Read: len(k.box.Lines()) - before}, err
}

// prove gets the lock's statement of whose it is, for the service.
func (h *Handset) prove(ctx context.Context, k *kept, tag apdu.Transceiver) error {
	phone := k.box.Phone(h.phone())
	r, err := phone.Do(ctx, tag, holder.Ask{Receipt: true})
	if err := errors.Join(err, k.box.Took(r)); err != nil {
		return err
	}
	known, ok := phone.Locks.Recall(k.Lock)
	if ok && r.Receipt != nil && r.Receipt.Verified {
		k.Receipt, k.Certificates = r.Receipt.Bytes, known.Certificates
	}
	return nil
}

// decide carries out what changes the owner's will, and gives the new policy to the
// service.  That the service cannot be reached is no error: the policy stays
// under way.
func (h *Handset) decide(ctx context.Context, lock string, do func(*home.Box) error) (did, error) {
	k, err := h.boxOf(lock)
	if err != nil {
		return did{}, err
	}
	if err := do(k.box); err != nil {
		return did{}, err
	}
	_ = h.sync(ctx, k)
	return did{}, nil
}

// block says who does not open for now.
func (h *Handset) block(ctx context.Context, v struct {
	ofBox
	Services bool `json:"services"`
	Guests   bool `json:"guests"`
}) (did, error) {
	var modes credential.Block
	if v.Services {
		modes |= credential.BlockServices
	}
	if v.Guests {
		modes |= credential.BlockGuests
	}
	return h.decide(ctx, v.Lock, func(b *home.Box) error {
		_, err := b.Block(h.config.Now(), modes)
		return err
	})
}

// notice tells visitors something.
func (h *Handset) notice(ctx context.Context, v struct {
	ofBox
	notice
}) (did, error) {
	n, err := v.notice.parse()
	if err != nil {
		return did{}, err
	}
	return h.decide(ctx, v.Lock, func(b *home.Box) error {
		_, err := b.Notice(h.config.Now(), n)
		return err
	})
}

// services are those that the screen can admit: they bring and take away.
var services = []credential.Service{credential.ServicePost, credential.ServiceParcel, credential.ServicePress}

// admitted is what a service may that is admitted.
const admitted = credential.ActionDeliver | credential.ActionCollect

// admit says which services deliver.
func (h *Handset) admit(ctx context.Context, v struct {
	ofBox
	Services []string `json:"services"`
}) (did, error) {
	return h.decide(ctx, v.Lock, func(b *home.Box) error {
		_, err := b.Set(h.config.Now(), func(s *home.Settings) {
			s.Services = slices.DeleteFunc(s.Services, func(a credential.Admission) bool { return slices.Contains(services, a.Service) })
			for _, service := range services {
				if slices.Contains(v.Services, service.String()) {
					s.Services = append(s.Services, credential.Admission{Service: service, Actions: admitted})
				}
			}
		})
		return err
	})
}

// heal signs anew what this phone knows, where the lock knows newer settings, or
// the service has some of a higher version.
func (h *Handset) heal(ctx context.Context, v ofBox) (did, error) {
	return h.decide(ctx, v.Lock, func(b *home.Box) error {
		_, err := b.Heal(h.config.Now())
		return err
	})
}

// noLink is the error of a tap that did not begin.
func noLink(err error) error {
	return &holder.Error{Reason: credential.ReasonLink, Detail: "no box in the field", Advice: holder.AdviceTapAgain, Err: err}
}

// noteUnderWay remembers which policy was the last that the lock was known to hold,
// so that a screen can say what is different.
func (h *Handset) noteUnderWay() {
	for _, k := range h.memory.Boxes {
		pending := k.box.Pending()
		if len(pending) > 0 {
			k.Newest = pending[len(pending)-1]
		} else if k.Newest != nil {
			k.Known, k.Newest = k.Newest, nil
		}
	}
}

// underWay names what the lock does not know yet.
func (k *kept) underWay() []string {
	all := []string{}
	pending := k.box.Pending()
	if len(pending) == 0 {
		return all
	}
	next, err := credential.ParsePolicy(pending[len(pending)-1])
	if err != nil {
		return []string{"other"}
	}
	var before credential.PolicyClaims
	if u, err := credential.ParsePolicy(k.Known); err == nil {
		before = u.Claims
	}
	c := next.Claims
	if _, arrived, given := k.box.Heir(); given && !arrived || len(pending) > 1 {
		all = append(all, "transfer")
	}
	if c.Block != before.Block {
		all = append(all, "block")
	}
	if c.Notice != before.Notice {
		all = append(all, "notice")
	}
	if !slices.Equal(c.Denied, before.Denied) || c.Least != before.Least {
		all = append(all, "guests")
	}
	if fmt.Sprint(c.Services) != fmt.Sprint(before.Services) {
		all = append(all, "services")
	}
	if len(all) == 0 {
		all = append(all, "other")
	}
	return all
}
