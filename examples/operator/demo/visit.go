package demo

import (
	"context"
	"crypto"
	"crypto/rand"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// Walk is how a walk along the street went.
type Walk struct {
	At     int64   `json:"at"` // Unix time in seconds
	Visits []Visit `json:"visits"`
}

// Visit is what came of one visit to a box, as the visitor's phone shows it.
type Visit struct {
	Number  int     `json:"number"` // of the box
	Lock    string  `json:"lock"`
	Outcome string  `json:"outcome"`
	Reason  string  `json:"reason"`
	Advice  string  `json:"advice"`
	Notice  *Notice `json:"notice,omitempty"` // of the owner
	Brought int     `json:"brought"`          // documents that the lock took
	Pages   int     `json:"pages"`            // sealed pages of the log, taken along
}

// Notice is what the owner lets visitors know.
type Notice struct {
	Kind        string `json:"kind"`
	From        int64  `json:"from"` // Unix time in seconds, 0: open
	Until       int64  `json:"until"`
	Instruction string `json:"instruction"`
}

// load is what a visitor comes with.
type load struct {
	grant       []byte
	authorities [][]byte
	documents   map[credential.LockID][][]byte // for one box
	lists       [][]byte                       // for every box
	logs        map[credential.LockID]bool     // whose owners wait for the log
	live        func(context.Context, [16]byte) ([]byte, error)
}

// visitor is somebody with a phone who comes to the street's boxes.
type visitor struct {
	street *Street
	phone  holder.Phone
}

// newVisitor gives somebody a phone with the key.
func newVisitor(s *Street, key crypto.Signer) (*visitor, error) {
	k, err := holder.NewKey(key)
	return &visitor{s, holder.Phone{
		Key: k, Roots: []credential.PublicKey{s.Scheme}, Makers: [][]byte{s.Maker.Authority().Bytes()},
		Locks: holder.NewMemory(), Slots: holder.NewSlots(), Rand: rand.Reader, Extended: true,
	}}, err
}

// visit delivers to one box, with what is for it and for all, and takes the log
// along where the owner waits for it.
func (v *visitor) visit(ctx context.Context, b *Box, l load) (holder.Result, Visit, error) {
	phone := v.phone
	phone.Grant, phone.Authorities, phone.Live, phone.Expect = l.grant, l.authorities, l.live, b.ID
	phone.Documents = append(append([][]byte(nil), l.lists...), l.documents[b.ID]...)
	ask := holder.Ask{Operation: credential.OperationDeliver, Receipt: true}
	if l.logs[b.ID] {
		ask.LogPages = 4
	}
	field, err := b.Approach(0)
	if err != nil {
		return holder.Result{}, Visit{}, err
	}
	defer field.Leave()
	r, _ := phone.Do(ctx, field, ask) // what went wrong at the box, the visit says
	told := Visit{Number: b.Number, Lock: b.ID.String(), Outcome: r.Outcome.String(), Reason: r.Reason.String(), Advice: r.Advice.String(), Pages: len(r.LogPages)}
	for _, d := range r.Documents {
		if d.Reason == credential.ReasonNone {
			told.Brought++
		}
	}
	if n := r.Notice; n.Kind != 0 {
		told.Notice = &Notice{n.Kind.String(), int64(n.From), int64(n.Until), n.Instruction.String()}
	}
	return r, told, ctx.Err()
}
