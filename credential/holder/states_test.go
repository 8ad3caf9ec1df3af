package holder_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// rule is a row of the table in section 8.2.
type rule struct{ states, input, guard, next, does, kept string }

func (r rule) String() string { return r.states + " | " + r.input + " | " + r.guard }

// rules reads the table.
func rules(t *testing.T) (all []rule) {
	t.Helper()
	text, err := os.ReadFile("../../spec/08-phone.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(text), "\n## 8.2 ")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	_, table, found := strings.Cut(section, "| state | input | guard | next | the phone does | kept |\n|---|---|---|---|---|---|\n")
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

// station is a state of the phone that is seen from outside: a command is under
// way, or it was the last one.  It holds what the phone kept by then.
type station struct {
	state   string
	command apdu.Command
	kept    kept
}

// kept is what outlives a tap.
type kept struct {
	lock holder.KnownLock
	slot holder.Slot
}

// visit is one tap of a phone at a scripted lock.
type visit struct {
	t      *testing.T
	w      *worldtest.World
	lock   *fake
	phone  *holder.Phone
	ask    holder.Ask
	inject map[int]func() ([]byte, error) // what comes back in the n-th station, in place of the lock's answer

	link     apdu.Transceiver
	linked   byte // instruction of the last command, where more links of it follow
	waits    waits
	stations []station
	result   holder.Result
	err      error
}

// states names the state in which a phone waits for the answer to a command.
var states = map[byte]string{
	wire.InsSelect: "selecting", wire.InsResume: "resuming", wire.InsHandshake1: "greeting",
	wire.InsHandshake2: "asking", wire.InsRequest: "asking",
}

// Transceive notes each command and brings it to the lock.
func (v *visit) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	c, err := apdu.ParseCommand(command)
	require.NoError(v.t, err)
	if c.INS == wire.InsGetResponse {
		return v.link.Transceive(ctx, command)
	}
	require.Contains(v.t, states, c.INS)
	linked := v.linked == c.INS
	if v.linked = 0; c.CLA&0x10 != 0 {
		v.linked = c.INS
	}
	if linked { // another link of the same command
		return v.link.Transceive(ctx, command)
	}
	v.stations = append(v.stations, station{states[c.INS], c, v.keeps()})
	if inject := v.inject[len(v.stations)-1]; inject != nil {
		return inject()
	}
	return v.link.Transceive(ctx, command)
}

// keeps returns what the phone has kept by now.
func (v *visit) keeps() kept {
	known, _ := v.phone.Locks.Recall(v.w.LockID)
	k := kept{lock: known}
	if s, ok := v.phone.Slots.(*only); ok {
		k.slot = s.slot
	}
	return k
}

// tap taps.
func (v *visit) tap() {
	v.phone.Wait, v.link = v.waits.wait, v.lock.link()
	v.result, v.err = v.phone.Do(v.t.Context(), v, v.ask)
	v.stations = append(v.stations, station{state: "ended", kept: v.keeps()})
}

// changed names what the phone kept in a station's input, as the table does.
func (v *visit) changed(at int) map[string]bool {
	before, after := v.stations[at].kept, v.stations[at+1].kept
	changed := map[string]bool{}
	if fmt.Sprint(before.lock.Certificates) != fmt.Sprint(after.lock.Certificates) {
		changed["certificate"] = true
	}
	if before.lock.Version != after.lock.Version {
		changed["version"] = true
	}
	if before.slot != after.slot {
		changed["slot"] = true
	}
	return changed
}

// scene brings a row about.
type scene struct {
	// prepare makes the lock and the phone so.
	prepare func(*visit)
	// at is the station that the row is about, the first being 0.
	at int
	// outcome and reason are those of the whole tap.
	outcome credential.Outcome
	reason  credential.Reason
	// unfit says that the row's guard does not hold, and cannot with a phone of
	// one key, so that the row after it holds.
	unfit bool
}

// TestEveryRowOfTheStateMachine has for every row of the table what brings it
// about, in every state that it is about.
func TestEveryRowOfTheStateMachine(t *testing.T) {
	left := maps.Clone(scenes)
	for _, row := range rules(t) {
		t.Run(row.String(), func(t *testing.T) {
			require.Contains(t, scenes, row.String(), "nothing brings the row about")
			delete(left, row.String())
			row.play(t, scenes[row.String()])
		})
	}
	require.Empty(t, left, "the table has no such rows")
}

// play plays a row, and requires that all of its states, next states and kept
// things come about and no other.
func (r rule) play(t *testing.T, all map[string]scene) {
	t.Helper()
	froms, nexts, keeps := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for name, s := range all {
		w := worldtest.New(t)
		v := &visit{t: t, w: w, lock: newFake(t, w), phone: w.NeighbourPhone(t), ask: holder.Ask{Operation: credential.OperationOpen}}
		v.inject = map[int]func() ([]byte, error){}
		s.prepare(v)
		v.tap()
		require.Equal(t, s.outcome, v.result.Outcome, "%s: %v", name, v.err)
		require.Equal(t, s.reason, v.result.Reason, "%s: %v", name, v.err)
		if r.states == "start" {
			require.Equal(t, r.next, v.stations[0].state)
			require.Zero(t, v.stations[0].kept)
			r.require(t, name, v, -1)
			return
		}
		froms[v.stations[s.at].state] = true
		nexts[v.stations[s.at+1].state] = true
		maps.Copy(keeps, v.changed(s.at))
		if s.unfit {
			require.Len(t, all, 1)
			require.Equal(t, []string{r.states, "ended"}, []string{v.stations[s.at].state, v.stations[s.at+1].state}, name)
			return
		}
		r.require(t, name, v, s.at)
	}
	require.Equal(t, set(r.states, ", "), froms)
	require.Equal(t, set(r.next, " or "), nexts)
	if r.kept != "as in asking" {
		require.Equal(t, set(strings.TrimPrefix(r.kept, "nothing"), ", "), keeps)
	}
}

// set returns what a cell lists.
func set(cell, separator string) map[string]bool {
	all := map[string]bool{}
	for _, name := range strings.Split(cell, separator) {
		if name != "" {
			all[name] = true
		}
	}
	return all
}

// require requires that the phone did what the row says, after the station.
func (r rule) require(t *testing.T, name string, v *visit, at int) {
	t.Helper()
	does := r.does
	if may, otherwise, ok := strings.Cut(does, ", or "); ok {
		if does = otherwise; v.stations[at+1].state != "ended" {
			does = strings.Replace(may, "may send", "sends", 1)
		}
	}
	require.Contains(t, deeds, does, "nothing looks whether the phone does that")
	require.True(t, deeds[does](v, at+1), "%s: does not do: %s", name, r.does)
}

// sends is a deed that is a command.
func sends(instructions ...byte) func(*visit, int) bool {
	return func(v *visit, at int) bool {
		for i, ins := range instructions {
			if v.stations[at+i].command.INS != ins {
				return false
			}
		}
		return true
	}
}

// deeds look whether the phone does what a row says, from the station on that
// follows.
var deeds = map[string]func(v *visit, at int) bool{
	"sends SELECT":      sends(wire.InsSelect),
	"sends RESUME":      sends(wire.InsResume),
	"sends HANDSHAKE-1": sends(wire.InsHandshake1),
	"sends HANDSHAKE-2": sends(wire.InsHandshake2),
	"sends SELECT, then asks by value": func(v *visit, at int) bool {
		return sends(wire.InsSelect, wire.InsHandshake1)(v, at) && v.stations[at+1].command.P1 == wire.CertificateFormValue
	},
	"takes the response as in asking": sends(wire.InsRequest),
	"sends REQUEST with the chain": func(v *visit, at int) bool {
		last := v.lock.requests[len(v.lock.requests)-1]
		return sends(wire.InsRequest)(v, at) && len(last.Chain) > 0 && last.Operation == v.ask.Operation
	},
	"waits, sends REQUEST": func(v *visit, at int) bool {
		last := v.lock.requests[len(v.lock.requests)-1]
		return sends(wire.InsRequest)(v, at) && len(v.waits) == 1 && last.Operation == v.ask.Operation
	},
	"gets a live token over the nonce, sends REQUEST with it": func(v *visit, at int) bool {
		last := v.lock.requests[len(v.lock.requests)-1]
		u, err := credential.ParseTimeToken(last.Documents[0])
		return sends(wire.InsRequest)(v, at) && err == nil && u.Claims.Live && u.Claims.Nonce == v.lock.selection.Nonce && last.Operation == v.ask.Operation
	},
	"sends REQUEST with what is left": func(v *visit, at int) bool {
		first, second := v.lock.requests[0], v.lock.requests[1]
		return sends(wire.InsRequest)(v, at) && first.Operation == credential.OperationStatus && len(second.Documents) > 0
	},
	"sends REQUEST for the next page": func(v *visit, at int) bool {
		before, r := 0, v.lock.requests[at-2] // behind SELECT and HANDSHAKE-1
		for _, earlier := range v.lock.requests[:at-2] {
			if earlier.Log {
				before++
			}
		}
		return sends(wire.InsRequest)(v, at) && r.Log && int(r.Page) == before
	},
	"reports by section 8.6":           func(v *visit, _ int) bool { return v.err != nil },
	"reports the decision":             func(v *visit, _ int) bool { return v.err == nil },
	"reports the decision that it has": func(v *visit, _ int) bool { return v.err == nil },
}
