package lock_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// rule is a row of the table in section 7.2.
type rule struct{ states, input, guard, next, answer, written string }

func (r rule) String() string { return r.states + " | " + r.input + " | " + r.guard }

// rules reads the table.
func rules(t *testing.T) (all []rule) {
	t.Helper()
	text, err := os.ReadFile("../spec/07-decision.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(text), "\n## 7.2 ")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	_, table, found := strings.Cut(section, "| state | input | guard | next | answer | written |\n|---|---|---|---|---|---|\n")
	require.True(t, found, "the table has another head")
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 8 {
			break
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		all = append(all, rule{cells[1], cells[2], cells[3], cells[4], cells[5], cells[6]})
	}
	return all
}

// stations are the states of a transaction.
var stations = []string{"idle", "selected", "wait-3", "wait-chain", "judged"}

// from returns the states that a row is about.
func (r rule) from() []string {
	if r.states == "any" {
		return stations
	}
	return strings.Split(r.states, ", ")
}

// answers returns the answers that a row names.
func (r rule) answers() []string {
	switch {
	case r.answer == "as in wait-3":
		return []string{"6982", missing, decided}
	case strings.HasSuffix(r.answer, "; 9000"), r.answer == "none":
		return []string{r.answer}
	}
	return strings.FieldsFunc(r.answer, func(c rune) bool { return c == ',' || c == ';' || c == ' ' })
}

// nexts returns the states that a row can lead to from one.
func (r rule) nexts(from string) []string {
	if r.next == "same" {
		return []string{from}
	}
	return strings.Split(strings.Replace(r.next, " or ", ", ", 1), ", ")
}

// Answers with 9000, as the table has them.
const (
	chosen  = "version, capabilities, lock id, nonce; 9000"
	greeted = "message_2; 9000"
	wrong   = "EDHOC error 2; 9000"
	missing = "missing; 9000"
	decided = "decision; 9000"
)

// errNoRandomness is what a random source says that failed.
var errNoRandomness = errors.New("no randomness")

// fickle is a random source that can fail.
type fickle struct {
	io.Reader
	fails bool
}

func (f *fickle) Read(p []byte) (int, error) {
	if f.fails {
		return 0, errNoRandomness
	}
	return f.Reader.Read(p)
}

// player brings a lock into a state and plays a row's part.
type player struct {
	*caller
	phone  *holder.Phone
	random *fickle
	// written is what the flash had programmed when the row began.
	written int
}

// enter returns a player at a lock in the state.  The postman is used where
// the lock must not know the signer, the neighbour otherwise.
func enter(t *testing.T, state string) *player {
	t.Helper()
	w := worldtest.New(t)
	random := &fickle{Reader: worldtest.Rand("lock")}
	w.Config.Rand = random
	w.PowerUp(t)
	phone := resuming(w.NeighbourPhone(t))
	if state == "wait-chain" {
		phone = w.PostmanPhone(t)
	}
	p := &player{&caller{t: t, w: w, key: phone.Key, grant: phone.Grant}, phone, random, 0}
	if state != "idle" {
		p.caller = call(t, w, phone)
	}
	switch state {
	case "wait-3":
		p.handshake1()
	case "wait-chain":
		r, _ := p.asks(delivers)
		require.NotEmpty(t, r.Missing)
	case "judged":
		r, _ := p.asks(states)
		require.Equal(t, credential.OutcomeDone, r.Outcome)
	}
	require.Equal(t, state, w.Lock.Stage())
	p.written = w.Flash.Programmed
	return p
}

// goesOn does what the state that the lock is in allows, to its end.
func (p *player) goesOn() {
	p.t.Helper()
	var r message.Response
	switch p.w.Lock.Stage() {
	case "idle":
		p.as(p.w.OwnerPhone(p.t))
		*p.caller = *call(p.t, p.w, p.phone)
		r, _ = p.asks(opens)
	case "selected":
		p.as(p.w.OwnerPhone(p.t))
		r, _ = p.asks(opens)
	case "wait-3":
		r, _ = p.asks(opens)
	case "wait-chain":
		r, _ = p.further(message.Request{Operation: credential.OperationDeliver, Chain: p.phone.Authorities})
	case "judged":
		r, _ = p.further(states)
		require.Equal(p.t, credential.OutcomeDone, r.Outcome)
		return
	}
	require.Equal(p.t, credential.OutcomeOpened, r.Outcome, r.Reason)
}

// sealed names the answer to something sealed.
func sealed(r message.Response, status apdu.Status) string {
	switch {
	case status != apdu.StatusOK:
		return word(status)
	case len(r.Missing) > 0:
		return missing
	}
	return decided
}

// word returns the digits of a status word.
func word(s apdu.Status) string { return fmt.Sprintf("%04X", uint16(s)) }

// plays are what is done in the states of a row, by names: each returns the
// answer.  One whose name begins with a state and " > " is for that one alone.
type plays map[string]func(*player) string

// TestEveryRowOfTheStateMachine has for every row of the table what brings it
// about, in every state that it is about.
func TestEveryRowOfTheStateMachine(t *testing.T) {
	left := make(map[string]bool)
	for name := range parts {
		left[name] = true
	}
	for _, row := range rules(t) {
		t.Run(row.String(), func(t *testing.T) {
			require.Contains(t, parts, row.String(), "nothing brings the row about")
			delete(left, row.String())
			row.play(t, parts[row.String()])
		})
	}
	require.Empty(t, left, "the table has no such rows")
}

// play plays a row in all its states, and requires that all of its answers and
// next states come about.
func (r rule) play(t *testing.T, all plays) {
	t.Helper()
	answers, nexts, played := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for name, play := range all {
		for _, from := range r.from() {
			state, _, only := strings.Cut(name, " > ")
			if only && state != from {
				continue
			}
			p := enter(t, from)
			answer := play(p)
			next := p.w.Lock.Stage()
			require.Contains(t, r.answers(), answer, "%s in %s", name, from)
			require.Contains(t, r.nexts(from), next, "%s in %s", name, from)
			if r.written == "nothing" {
				require.Equal(t, p.written, p.w.Flash.Programmed, "%s in %s", name, from)
			}
			p.random.fails = false
			p.goesOn()
			answers[answer], nexts[next], played[from] = true, true, true
		}
	}
	for _, a := range r.answers() {
		require.True(t, answers[a], "no answer %s", a)
	}
	for _, from := range r.from() {
		require.True(t, played[from], "not played in %s", from)
	}
	if r.next != "same" {
		for _, n := range r.nexts("") {
			require.True(t, nexts[n], "never in %s afterwards", n)
		}
	}
}

// raw sends a command as it is.
func raw(digits string) func(*player) string {
	return func(p *player) string { return word(status(p.t, p.w, unhex(p.t, digits))) }
}

// instructions sends them with data that no state can use.
func instructions(all ...byte) plays {
	names := map[byte]string{wire.InsHandshake1: "HANDSHAKE-1", wire.InsHandshake2: "HANDSHAKE-2", wire.InsRequest: "REQUEST", wire.InsResume: "RESUME"}
	out := plays{}
	for _, ins := range all {
		out[names[ins]] = func(p *player) string { return word(p.sends(ins, make([]byte, 40)).SW) }
	}
	return out
}

// asked sends a first request behind the handshake.
func asked(r message.Request) func(*player) string {
	return func(p *player) string { return sealed(p.asks(r)) }
}

// parts are what brings the rows about, by state, input and guard.
var parts = map[string]plays{
	"any | field ends, deselect | ": {"Reset": func(p *player) string { p.w.Lock.Reset(); return "none" }},
	"any | SELECT of this AID | ": {"SELECT": func(p *player) string {
		*p.caller = *call(p.t, p.w, p.phone)
		require.Equal(p.t, p.w.LockID, p.selection.Lock)
		return chosen
	}},
	"any | SELECT of another AID | ":              {"SELECT": raw("00A4040007A0000002471001 00")},
	"any | SELECT with other P1 or P2 | ":         {"P1": raw("00A4000009F0504F535445524E01"), "P2": raw("00A4040C09F0504F535445524E01")},
	"any | unknown class; unknown instruction | ": {"class": raw("0110000001FF00"), "instruction": raw("8018000001FF00")},
	"any | fault by section 5.6 | ": {
		"length": raw("8010"), "P1": raw("8012010001FF00"), "nothing to fetch": raw("80C0000000"),
		"chain": func(p *player) string {
			require.Equal(p.t, apdu.StatusOK, status(p.t, p.w, unhex(p.t, "9010000001FF")))
			return raw("8012000001FF00")(p)
		},
	},
	"idle | HANDSHAKE-1, HANDSHAKE-2, REQUEST | ":      instructions(wire.InsHandshake1, wire.InsHandshake2, wire.InsRequest),
	"selected | HANDSHAKE-2, REQUEST | ":               instructions(wire.InsHandshake2, wire.InsRequest),
	"idle, wait-3, wait-chain, judged | RESUME | ":     instructions(wire.InsResume),
	"wait-3 | HANDSHAKE-1, REQUEST | ":                 instructions(wire.InsHandshake1, wire.InsRequest),
	"wait-chain, judged | HANDSHAKE-1, HANDSHAKE-2 | ": instructions(wire.InsHandshake1, wire.InsHandshake2),
	"selected | HANDSHAKE-1 | message_1 good":          {"message_1": func(p *player) string { p.handshake1(); return greeted }},
	"selected | HANDSHAKE-1 | other suite needed": {"suite 2": func(p *player) string {
		key, err := holder.NewKey(p256(p.t, "neighbour"))
		require.NoError(p.t, err)
		p.key = key
		_, message1 := p.start()
		r := p.sends(wire.InsHandshake1, message1)
		require.Equal(p.t, unhex(p.t, "0200"), r.Data)
		p.key = p.phone.Key
		return wrong
	}},
	"selected | HANDSHAKE-1 | any other fault":                       faultsOfMessage1,
	"selected | RESUME | a fault in steps 1 to 5 of section 15.3":    faultsOfResume,
	"selected | RESUME | slot found, request opens and reads":        {"status": resumes(states), "open": resumes(opens)},
	"wait-3 | HANDSHAKE-2 | a fault in steps 1 to 11 of section 7.5": faultsOfMessage3,
	"wait-3 | HANDSHAKE-2 | signer not known":                        {"postman": func(p *player) string { return asked(delivers)(p.as(p.w.PostmanPhone(p.t))) }},
	"wait-3 | HANDSHAKE-2 | credential verified": {
		"status": asked(states), "open": asked(opens), "refused": asked(delivers),
		"owner": func(p *player) string { return asked(opens)(p.as(p.w.OwnerPhone(p.t))) },
	},
	"wait-chain | REQUEST | as in wait-3, from step 7 on": {
		"decision": func(p *player) string {
			return sealed(p.further(message.Request{Operation: credential.OperationDeliver, Chain: p.phone.Authorities}))
		},
		"missing":   func(p *player) string { return sealed(p.further(delivers)) },
		"garbage":   func(p *player) string { return word(p.sends(wire.InsRequest, make([]byte, 30)).SW) },
		"malformed": func(p *player) string { return word(p.sends(wire.InsRequest, p.seal([]byte{0x80})).SW) },
		"a certificate that does not verify": func(p *player) string {
			r := delivers
			r.Chain = [][]byte{slices.Clone(p.phone.Authorities[0])}
			r.Chain[0][len(r.Chain[0])-1] ^= 1
			return sealed(p.further(r))
		},
	},
	"judged | REQUEST | request opens and reads": {
		"status": func(p *player) string { return sealed(p.further(states)) },
		"open":   func(p *player) string { return sealed(p.further(opens)) },
	},
	"judged | REQUEST | a fault in steps 7 to 9": {
		"garbage":   func(p *player) string { return word(p.sends(wire.InsRequest, make([]byte, 30)).SW) },
		"malformed": func(p *player) string { return word(p.sends(wire.InsRequest, p.seal([]byte{0x80})).SW) },
		"too many": func(p *player) string {
			for range wire.LimitRequests - 1 {
				require.Equal(p.t, decided, sealed(p.further(states)))
			}
			answer := word(p.sends(wire.InsRequest, make([]byte, 30)).SW)
			require.Equal(p.t, credential.ReasonLimit, p.w.LastEvent().Reason)
			return answer
		},
	},
	"judged | REQUEST | a second opening": {"open": func(p *player) string {
		require.Equal(p.t, decided, sealed(p.further(opens)))
		p.written = p.w.Flash.Programmed
		answer := sealed(p.further(opens))
		require.Equal(p.t, 1, p.w.Bolt.Driven)
		return answer
	}},
	"any | random source fails, or an answer cannot be made | ": {
		"SELECT": func(p *player) string {
			p.random.fails = true
			return word(p.send(message.SelectCommand()).SW)
		},
		"selected > HANDSHAKE-1": func(p *player) string {
			_, message1 := p.start()
			p.random.fails = true
			return word(p.sends(wire.InsHandshake1, message1).SW)
		},
	},
}
