package handset

import (
	"context"
	"slices"
	"strings"

	"github.com/postern-lock/postern/credential"
)

// A pass is handed over as a link of the standard, or behind the address of the
// page, in the part that a browser sends to no server.
const (
	passLink = "postern:pass/"
	pagePath = "#/passes/"
)

// takePass takes a pass that an owner gives to this phone.
func (h *Handset) takePass(_ context.Context, v struct {
	Pass string `json:"pass"`
}) (did, error) {
	link := strings.TrimSpace(v.Pass)
	if _, text, ok := strings.Cut(link, pagePath); ok {
		link = passLink + text
	}
	p, err := credential.ParsePassLink(link)
	if err != nil {
		return did{}, inputError("pass")
	}
	links, err := p.Links()
	if err != nil {
		return did{}, inputError("pass")
	}
	own := links[len(links)-1]
	if own.Claims.Holder != h.key.PublicKey() {
		return did{}, inputError("passOther")
	}
	lock, ok := lockOf(own)
	if !ok {
		return did{}, inputError("pass")
	}
	// Anybody can write a pass; the one that is there goes when the box has opened by
	// the new one.
	h.memory.Passes = slices.DeleteFunc(h.memory.Passes, func(other pass) bool { return other.ID == own.Tag() })
	h.memory.Passes = append(h.memory.Passes, pass{ID: own.Tag(), Lock: lock, Pass: p})
	return did{}, nil
}

// lockOf returns the number of the box that a guest's grant is for.
func lockOf(g *credential.UnverifiedGrant) (string, bool) {
	for _, e := range g.Claims.Scope {
		if id, ok := e.Target.Lock(); ok {
			return id.String(), true
		}
	}
	return "", false
}

// ofPass are the values of what is done with a pass.
type ofPass struct {
	ID string `json:"id"`
}

// openPass opens somebody else's box, and brings there what came with the pass.
func (h *Handset) openPass(ctx context.Context, v ofPass) (did, error) {
	i, err := h.passOf(v)
	if err != nil {
		return did{}, err
	}
	p := &h.memory.Passes[i]
	id, err := credential.ParseLockID(p.Lock)
	if err != nil {
		return did{}, err
	}
	phone := h.phone().With(p.Pass)
	phone.Expect = id
	tag, leave, err := h.config.Hold(ctx, id)
	if err != nil {
		return did{}, noLink(err)
	}
	defer leave()
	r, err := phone.Open(ctx, tag, credential.OperationOpen)
	for _, d := range r.Documents {
		if d.Reason == credential.ReasonNone || d.Reason == credential.ReasonSuperseded {
			p.Pass.Documents = slices.DeleteFunc(p.Pass.Documents, func(other []byte) bool { return string(other) == string(d.Document) })
		}
	}
	if err != nil {
		return did{}, err
	}
	if r.Outcome == credential.OutcomeOpened {
		good := *p
		h.memory.Passes = slices.DeleteFunc(h.memory.Passes, func(other pass) bool { return other.Lock == good.Lock && other.ID != good.ID })
	}
	return did{Result: resultOf(r, nil)}, nil
}

// forgetPass forgets a pass.
func (h *Handset) forgetPass(_ context.Context, v ofPass) (did, error) {
	i, err := h.passOf(v)
	if err == nil {
		h.memory.Passes = slices.Delete(h.memory.Passes, i, i+1)
	}
	return did{}, err
}

func (h *Handset) passOf(v ofPass) (int, error) {
	i := slices.IndexFunc(h.memory.Passes, func(p pass) bool { return p.ID.String() == v.ID })
	if i < 0 {
		return 0, inputError("pass")
	}
	return i, nil
}
