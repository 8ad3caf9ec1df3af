package handset

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// Config is what a handset is made of.
type Config struct {
	Key    holder.Key
	Roots  []credential.PublicKey // of the schemes
	Makers [][]byte               // certificates of manufacturers
	Rand   io.Reader
	Now    func() time.Time

	// Hold holds the phone to the box with the id; leave is called when the tap is
	// over.
	Hold func(ctx context.Context, lock credential.LockID) (tag apdu.Transceiver, leave func(), err error)
	// Save keeps the memory; it is kept when Save returns.
	Save func(memory []byte) error

	HTTP    *http.Client
	Service string // address of the operator's service, such as https://box.example
}

// Handset is a phone with its memory.  It is not for concurrent use.
type Handset struct {
	config  Config
	key     holder.Key
	slots   holder.Slots // for as long as the program runs: a full exchange follows
	memory  memory
	written []byte
}

// New returns the handset with what it was made to keep, or nothing.
func New(c Config, memory []byte) (*Handset, error) {
	h := &Handset{config: c, key: c.Key, slots: holder.NewSlots()}
	return h, h.remember(memory)
}

// did is what came of an action, beside the state.
type did struct {
	Lock   string  `json:"lock,omitempty"`   // of a box that is new here
	Result *result `json:"result,omitempty"` // of a tap
	Pass   *given  `json:"pass,omitempty"`   // for a guest
	Read   int     `json:"read,omitempty"`   // entries of the log that are new
	Backup string  `json:"backup,omitempty"`
}

// action is what a handset can be told to do; its values are those of a form.
type action func(h *Handset, ctx context.Context, values json.RawMessage) (did, error)

// actions are all of them, by name.
var actions = map[string]action{
	"state": with((*Handset).look),

	"takeOver": with((*Handset).takeOver), "open": with((*Handset).open), "tap": with((*Handset).tap),
	"block": with((*Handset).block), "notice": with((*Handset).notice), "admit": with((*Handset).admit),
	"post": with((*Handset).post), "fetch": with((*Handset).fetch), "heal": with((*Handset).heal),

	"invite": with((*Handset).invite), "pass": with((*Handset).pass), "renew": with((*Handset).renew), "withdraw": with((*Handset).withdraw),

	"transfer": with((*Handset).transfer), "accept": with((*Handset).accept), "rename": with((*Handset).rename), "forget": with((*Handset).forget),
	"backup": with((*Handset).backup), "restore": with((*Handset).restore),

	"takePass": with((*Handset).takePass), "openPass": with((*Handset).openPass), "forgetPass": with((*Handset).forgetPass),
}

// with makes an action of a method whose values have a type.
func with[T any](do func(*Handset, context.Context, T) (did, error)) action {
	return func(h *Handset, ctx context.Context, values json.RawMessage) (did, error) {
		var v T
		if err := json.Unmarshal(values, &v); err != nil {
			return did{}, err
		}
		return do(h, ctx, v)
	}
}

// Act does what it is told by name, and returns an object of JSON: the state after
// it, what came of it, and with an error why not.
func (h *Handset) Act(ctx context.Context, name string, values []byte) []byte {
	var came did
	var err error
	if do, ok := actions[name]; ok {
		came, err = do(h, ctx, values)
	} else {
		err = fmt.Errorf("handset: nothing is called %q", name)
	}
	h.noteUnderWay()
	if kept := h.save(); err == nil {
		err = kept
	}
	told, failed := json.Marshal(struct {
		State view `json:"state"`
		did
		*fault
	}{h.view(), came, faultOf(err)})
	if failed != nil {
		told, _ = json.Marshal(fault{Error: failed.Error()}) // of strings, which cannot fail
	}
	return told
}

// look gives the service what it lacks, and asks it what visitors have brought; that
// it cannot be reached is no fault.
func (h *Handset) look(ctx context.Context, _ struct{}) (did, error) {
	for _, k := range h.memory.Boxes {
		if len(k.box.Pending()) > 0 {
			_ = h.sync(ctx, k)
		}
	}
	return did{}, nil
}

// phone is what every tap begins with.
func (h *Handset) phone() *holder.Phone {
	return &holder.Phone{
		Key: h.key, Roots: h.config.Roots, Makers: h.config.Makers, Locks: locks{h}, Slots: h.slots,
		Rand: h.config.Rand, Extended: true,
	}
}
