package handset

import (
	"context"
	"strings"

	"rsc.io/qr"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/home"
)

// day in seconds.
const day = 86400

// given is a pass as a screen shows it.
type given struct {
	Name string   `json:"name"`
	Link string   `json:"link"` // behind the address of the page
	Code []string `json:"code"` // of the link: rows of 0 and 1
}

// ofGuest are the values of what is done with a guest.
type ofGuest struct {
	ofBox
	Guest string `json:"guest"` // key id
}

// invite grants to a guest, by the code of the guest's phone.
func (h *Handset) invite(ctx context.Context, v struct {
	ofBox
	Name    string `json:"name"`
	Request string `json:"request"`
	Days    uint16 `json:"days"`
}) (did, error) {
	key, err := h.requestOf(v.Request)
	if err != nil {
		return did{}, err
	}
	name := strings.TrimSpace(v.Name)
	if name == "" {
		return did{}, inputError("name")
	}
	if v.Days < 1 || v.Days > 366 {
		return did{}, inputError("time")
	}
	return h.grant(v.Lock, name, key, home.Terms{Until: credential.At(h.config.Now()) + credential.Time(v.Days)*day})
}

// grant signs a grant, and shows the pass.
func (h *Handset) grant(lock, name string, key credential.PublicKey, terms home.Terms) (did, error) {
	k, err := h.boxOf(lock)
	if err != nil {
		return did{}, err
	}
	if _, err := k.box.Grant(h.config.Now(), name, key, terms); err != nil {
		return did{}, err
	}
	return h.show(k, credential.KeyIDOf(key))
}

// pass shows a guest's pass again.
func (h *Handset) pass(_ context.Context, v ofGuest) (did, error) {
	k, g, err := h.guestOf(v)
	if err != nil {
		return did{}, err
	}
	return h.show(k, g.ID())
}

// renew grants anew for as long as the first time, from now on.
func (h *Handset) renew(_ context.Context, v ofGuest) (did, error) {
	k, g, err := h.guestOf(v)
	if err != nil {
		return did{}, err
	}
	now := credential.At(h.config.Now())
	life := credential.Time(7 * day)
	if u, err := credential.ParseGrant(g.Grant); err == nil {
		life = max(u.Claims.Expires-u.Claims.IssuedAt, day)
	}
	g.Terms.Until = now + life
	return h.grant(k.Lock.String(), g.Name, g.Key, g.Terms)
}

// withdraw takes a guest's right back; it is over when the policy arrives.
func (h *Handset) withdraw(ctx context.Context, v ofGuest) (did, error) {
	_, g, err := h.guestOf(v)
	if err != nil {
		return did{}, err
	}
	return h.decide(ctx, v.Lock, func(b *home.Box) error {
		_, err := b.Withdraw(h.config.Now(), g.ID())
		return err
	})
}

// guestOf returns the guest whom the values name.
func (h *Handset) guestOf(v ofGuest) (*kept, home.Guest, error) {
	k, err := h.boxOf(v.Lock)
	if err != nil {
		return nil, home.Guest{}, err
	}
	var id credential.KeyID
	if id.UnmarshalText([]byte(v.Guest)) != nil {
		return nil, home.Guest{}, inputError("guest")
	}
	g, err := k.box.Guest(id)
	return k, g, err
}

// show returns a guest's pass for the screen, and notes that it was shown.
func (h *Handset) show(k *kept, id credential.KeyID) (did, error) {
	p, err := k.box.Pass(id)
	if err != nil {
		return did{}, err
	}
	g, err := k.box.Guest(id)
	if err != nil {
		return did{}, err
	}
	link, err := p.Link()
	if err != nil {
		return did{}, err
	}
	if k.Given == nil {
		k.Given = map[credential.KeyID]credential.Tag{}
	}
	k.Given[id] = newest(g)
	link = strings.Replace(link, passLink, pagePath, 1)
	rows, err := code(link)
	return did{Pass: &given{g.Name, link, rows}}, err
}

// newest returns the tag of the newest grant that was signed for a guest, zero where a
// backup names none.
func newest(g home.Guest) credential.Tag {
	if len(g.Issued) == 0 {
		return credential.Tag{}
	}
	return g.Issued[len(g.Issued)-1].Tag
}

// code returns the square code of a text, by rows of 0 and 1.
func code(text string) ([]string, error) {
	c, err := qr.Encode(text, qr.L)
	if err != nil {
		return nil, err
	}
	rows := make([]string, c.Size)
	for y := range rows {
		var row strings.Builder
		for x := range c.Size {
			if c.Black(x, y) {
				row.WriteByte('1')
			} else {
				row.WriteByte('0')
			}
		}
		rows[y] = row.String()
	}
	return rows, nil
}
