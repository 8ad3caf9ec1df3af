package handset

import (
	"bytes"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/credential/holder/home"
)

// view is what a screen shows.  It has no secret.
type view struct {
	Key         string     `json:"key"`
	Request     string     `json:"request"`     // by which this phone asks for a right
	RequestCode []string   `json:"requestCode"` // of it: rows of 0 and 1
	Boxes       []boxView  `json:"boxes"`
	Passes      []passView `json:"passes"`
}

type boxView struct {
	Lock     string      `json:"lock"`
	Name     string      `json:"name"`
	Proved   bool        `json:"proved"`   // the box has said that it is this owner's
	UnderWay []string    `json:"underway"` // what the lock does not know yet
	Posted   bool        `json:"posted"`   // the service has it
	Said     bool        `json:"said"`     // a visitor says that he has brought it
	Shown    bool        `json:"shown"`    // the service says that the box has signed that it has it
	Behind   bool        `json:"behind"`   // the lock knows newer settings
	Outdone  bool        `json:"outdone"`  // the service has settings of a higher number, and does not take these
	Given    bool        `json:"given"`    // to somebody else
	Arrived  bool        `json:"arrived"`  // and the lock knows
	Transfer string      `json:"transfer"` // link for the next owner
	Block    blockView   `json:"block"`
	Services []string    `json:"services"`
	Notice   *notice     `json:"notice"`
	Guests   []guestView `json:"guests"`
	History  []lineView  `json:"history"`
}

type blockView struct {
	Services bool `json:"services"`
	Guests   bool `json:"guests"`
}

type guestView struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Until  uint32 `json:"until"`
	Status string `json:"status"` // good, new, over, withdrawn
}

type lineView struct {
	Number    uint32 `json:"number"`
	Time      uint32 `json:"time"`
	Floor     bool   `json:"floor"` // not before that time
	Who       string `json:"who"`   // you, owner, guest, known, unknown, staff, lock
	Name      string `json:"name"`
	Service   string `json:"service"`
	Operation string `json:"operation"`
	Outcome   string `json:"outcome"`
	Reason    string `json:"reason"`
	Lost      uint32 `json:"lost"`
}

type passView struct {
	ID    string `json:"id"`
	Lock  string `json:"lock"`
	Until uint32 `json:"until"`
}

// result is what came of a tap.
type result struct {
	Outcome string  `json:"outcome"`
	Reason  string  `json:"reason"`
	Advice  uint8   `json:"advice"`
	Notice  *notice `json:"notice,omitempty"`
	Brought int     `json:"brought"` // policies of the owner that the lock took
}

// notice is what the owner lets visitors know, with times in Unix seconds or zero.
type notice struct {
	Kind        string `json:"kind"`
	From        uint32 `json:"from"`
	Until       uint32 `json:"until"`
	Instruction string `json:"instruction"`
}

// resultOf returns what a screen shows of a tap; of the documents it counts the
// owner's.
func resultOf(r holder.Result, policies [][]byte) *result {
	told := &result{Outcome: r.Outcome.String(), Reason: r.Reason.String(), Advice: uint8(r.Advice), Notice: noticeOf(r.Notice)}
	for _, d := range r.Documents {
		own := slices.ContainsFunc(policies, func(p []byte) bool { return bytes.Equal(p, d.Document) })
		if own && d.Reason == credential.ReasonNone {
			told.Brought++
		}
	}
	return told
}

// noticeOf returns what a screen shows of a notice, nil of none.
func noticeOf(n credential.Notice) *notice {
	if n.Kind == 0 {
		return nil
	}
	return &notice{n.Kind.String(), uint32(n.From), uint32(n.Until), n.Instruction.String()}
}

// parse returns the notice for everybody who has a right to open.
func (n notice) parse() (credential.Notice, error) {
	if n.Kind == "" {
		return credential.Notice{}, nil
	}
	if n.From != 0 && n.Until != 0 && n.Until <= n.From {
		return credential.Notice{}, inputError("time")
	}
	made := credential.Notice{From: credential.Time(n.From), Until: credential.Time(n.Until), Roles: credential.NoticeGuests | credential.NoticeOperators}
	for _, kind := range []credential.NoticeKind{credential.NoticeAway, credential.NoticeBack} {
		if kind.String() == n.Kind {
			made.Kind = kind
		}
	}
	for _, i := range []credential.Instruction{credential.InstructionHoldParcels, credential.InstructionOtherPlace, credential.InstructionResume} {
		if i.String() == n.Instruction {
			made.Instruction = i
		}
	}
	if made.Kind == 0 {
		return credential.Notice{}, inputError("notice")
	}
	return made, nil
}

// view returns what a screen shows.
func (h *Handset) view() view {
	key := h.key.PublicKey()
	v := view{Key: key.String(), Request: credential.RequestLink(key), Boxes: []boxView{}, Passes: []passView{}}
	v.RequestCode, _ = code(v.Request) // of 78 characters at most, which every code holds
	for _, k := range h.memory.Boxes {
		v.Boxes = append(v.Boxes, k.view(credential.At(h.config.Now())))
	}
	for _, p := range h.memory.Passes {
		shown := passView{ID: p.ID.String(), Lock: p.Lock}
		if u, err := credential.ParseGrant(p.Pass.Chain[len(p.Pass.Chain)-1]); err == nil {
			shown.Until = uint32(u.Claims.Expires)
		}
		v.Passes = append(v.Passes, shown)
	}
	return v
}

// view returns what a screen shows of a box.
func (k *kept) view(now credential.Time) boxView {
	s := k.box.Settings()
	v := boxView{
		Lock: k.Lock.String(), Name: k.Name, Proved: k.Receipt != nil, UnderWay: k.underWay(), Behind: k.box.Behind(), Services: []string{}, Guests: []guestView{}, History: []lineView{},
		Block: blockView{s.Block.Has(credential.BlockServices), s.Block.Has(credential.BlockGuests)}, Notice: noticeOf(s.Notice),
	}
	v.Outdone = k.Outdone && len(k.box.Pending()) > 0
	v.Posted, v.Shown = k.Posted >= k.box.Version(), k.Shown >= k.box.Version()
	v.Said = !v.Shown && k.Said >= k.box.Version()
	_, v.Arrived, v.Given = k.box.Heir()
	if v.Given && !v.Arrived {
		v.Transfer = transferOf(k.box.Pending()[0])
	}
	for _, a := range s.Services {
		v.Services = append(v.Services, a.Service.String())
	}
	for _, g := range k.box.Guests() {
		v.Guests = append(v.Guests, k.guestView(g, now))
	}
	for _, l := range k.box.Lines() {
		v.History = append(v.History, lineOf(l))
	}
	return v
}

// guestView returns what a screen shows of a guest.
func (k *kept) guestView(g home.Guest, now credential.Time) guestView {
	v := guestView{ID: g.ID().String(), Name: g.Name, Until: uint32(g.Terms.Until), Status: "good"}
	switch {
	case g.Withdrawn:
		v.Status = "withdrawn"
	case g.Terms.Until <= now:
		v.Status = "over"
	case g.Grant == nil || newest(g) != k.Given[g.ID()]:
		v.Status = "new" // there is a pass that the guest was not given
	}
	return v
}

// who names those of home.Who for a screen.
var who = map[home.Who]string{
	home.WhoLock: "lock", home.WhoYou: "you", home.WhoOwner: "owner", home.WhoCoOwner: "owner", home.WhoGuest: "guest",
	home.WhoKnown: "known", home.WhoUnknown: "unknown", home.WhoStaff: "staff",
}

// lineOf returns what a screen shows of an entry of the log.
func lineOf(l home.Line) lineView {
	e := l.Entry
	return lineView{
		Number: e.Sequence, Time: uint32(e.Time), Floor: e.Evidence == credential.EvidenceFloor, Who: who[l.Who], Name: l.Name, Service: e.Service.String(),
		Operation: e.Operation.String(), Outcome: e.Outcome.String(), Reason: e.Reason.String(), Lost: l.Lost,
	}
}
