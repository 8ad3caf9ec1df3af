package conformance

import (
	"context"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/target"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// wrong is a device with one thing changed in what it answers.
type wrong struct {
	shim.Device
	change func(r shim.Request, reply any, err error) (any, error)
}

func (w wrong) Do(ctx context.Context, r shim.Request) (any, error) {
	reply, err := w.Device.Do(ctx, r)
	return w.change(r, reply, err)
}

// answers changes the answers to commands.
func answers(change func(command, response []byte) []byte) func(shim.Request, any, error) (any, error) {
	return func(r shim.Request, reply any, err error) (any, error) {
		if t, ok := r.(shim.Transceive); ok && err == nil && !reply.(*shim.Answer).Silent {
			if b := change(t.APDU, reply.(*shim.Answer).APDU); b != nil {
				return &shim.Answer{APDU: b}, nil
			}
			return &shim.Answer{Silent: true}, nil
		}
		return reply, err
	}
}

// verdict runs one case on a device.
func verdict(t *testing.T, d shim.Device, c cases.Case) report.Result {
	t.Helper()
	w, err := world.New(3)
	require.NoError(t, err)
	c.Role = shim.RoleLock
	return c.Do(t.Context(), cases.Rig{Device: d, World: w, Claims: full().Term, Level: shim.L2})
}

// find returns a case of the suite.
func find(t *testing.T, id string) cases.Case {
	t.Helper()
	for _, c := range Cases(shim.RoleLock) {
		if c.ID == id {
			return c
		}
	}
	require.Fail(t, "no case "+id)
	return cases.Case{}
}

// TestTwinRule has each part of the rule find what it is for, with a lock that
// does everything else right.
func TestTwinRule(t *testing.T) {
	const probe = "LOCK-ORDER-040" // HANDSHAKE-1 with P1 02
	faulty := func(command []byte) bool { return len(command) > 4 && command[1] == 0x10 && command[2] == 2 }
	isStart := func(command []byte) bool { return len(command) > 4 && command[1] == 0x10 && command[2] == 0 }
	refusals := 0
	for _, c := range []struct {
		name   string
		change func(shim.Request, any, error) (any, error)
		says   string
	}{
		{"none", answers(func(_, r []byte) []byte { return r }), ""},
		{"takes the fault", answers(func(cmd, r []byte) []byte {
			if faulty(cmd) {
				return []byte{0x90, 0}
			}
			return r
		}), "with the fault: 9000 ok, where 6A86 wrong-p1-p2 is right"},
		{"another refusal", answers(func(cmd, r []byte) []byte {
			if faulty(cmd) {
				return []byte{0x6A, 0x82}
			}
			return r
		}), "with the fault: 6A82 not-found, where 6A86 wrong-p1-p2 is right"},
		{"silent to the fault", answers(func(cmd, r []byte) []byte {
			if faulty(cmd) {
				return nil
			}
			return r
		}), "does not answer; a time-out is no refusal"},
		{"refuses everything", answers(func(cmd, r []byte) []byte {
			if isStart(cmd) {
				return []byte{0x6A, 0x86}
			}
			return r
		}), "without the fault: 6A86 wrong-p1-p2, where "},
		{"is spoilt by the fault", answers(func(cmd, r []byte) []byte {
			if faulty(cmd) {
				refusals++
			}
			if isStart(cmd) && refusals > 0 && len(r) > 2 {
				return []byte{0x6F, 0}
			}
			return r
		}), "after the refused tap a good one does not pass any more: 6F00"},
		{"no status word", answers(func(cmd, r []byte) []byte {
			if faulty(cmd) {
				return []byte{0x12, 0x34}
			}
			return r
		}), "no status word"},
	} {
		t.Run(c.name, func(t *testing.T) {
			refusals = 0
			x := verdict(t, wrong{reference(t, target.AllFeatures()), c.change}, find(t, probe))
			if c.says == "" {
				require.Equal(t, report.Pass, x.Verdict, x.Message)
				return
			}
			require.Equal(t, report.Fail, x.Verdict, x.Message)
			require.Contains(t, x.Message, c.says)
			require.NotEmpty(t, x.Exchanges)
		})
	}
}

// TestTwinRuleSeesChanges has a lock change something else when it refuses.
func TestTwinRuleSeesChanges(t *testing.T) {
	refused := false
	note := func(r shim.Request) {
		switch r := r.(type) {
		case shim.Transceive:
			refused = refused || r.APDU[1] == 0x10 && r.APDU[2] == 2
		case shim.Provision:
			refused = false
		}
	}
	for _, c := range []struct {
		name   string
		change func(reply any) any
		says   string
	}{
		{"bolt", func(reply any) any {
			if _, ok := reply.(*shim.Driven); ok {
				return &shim.Driven{Moves: []shim.Move{{Resource: 0, Count: 1}}}
			}
			return reply
		}, "changed something: bolt was [] and is [{0 1}]"},
		{"floor", func(reply any) any {
			if k, ok := reply.(*shim.Kept); ok {
				k.Floor++
			}
			return reply
		}, "changed something: floor was"},
		{"memory", func(reply any) any {
			if k, ok := reply.(*shim.Counted); ok {
				k.Flash++
			}
			return reply
		}, "wrote to lasting memory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := wrong{reference(t, target.AllFeatures()), func(r shim.Request, reply any, err error) (any, error) {
				note(r)
				if refused && err == nil {
					reply = c.change(reply)
				}
				return reply, err
			}}
			x := verdict(t, d, find(t, "LOCK-ORDER-040"))
			require.Equal(t, report.Fail, x.Verdict, x.Message)
			require.Contains(t, x.Message, c.says)
			allowing := find(t, "LOCK-ORDER-040")
			allowing.Changes = []string{c.name}
			require.Equal(t, report.Pass, verdict(t, d, allowing).Verdict)
		})
	}
}

// TestOutcomeBeforeTraces names what the lock said to the fault, not what it wrote
// when it obeyed.
func TestOutcomeBeforeTraces(t *testing.T) {
	x := verdict(t, reference(t, target.AllFeatures()), cases.Case{
		ID: "LOCK-TOY-001", Fault: "none", Passes: cases.Opened, Allowed: []cases.Outcome{cases.Denied},
		Act: func(t *cases.T, faulty bool) cases.Outcome {
			if faulty {
				t.Commission()
			}
			return "opened"
		},
	})
	require.Equal(t, report.Fail, x.Verdict)
	require.Equal(t, "with the fault: opened, where 6982 refused is right", x.Message)
}

// TestOwnReason tells by the lock's hook why it refused.
func TestOwnReason(t *testing.T) {
	c := cases.Case{ID: "LOCK-TOY-001", Setup: cases.Owned, Run: func(t *cases.T) {
		t.Expect("a stranger's tap", t.Tap(t.Phone("stranger", nil), holdertest.Request{Operation: credential.OperationOpen}), cases.Opened...)
	}}
	x := verdict(t, reference(t, target.AllFeatures()), c)
	require.Equal(t, "a stranger's tap: 6982 refused, where opened or unconfirmed is right", x.Message)
	require.Equal(t, []string{"by its own hook the lock refused last with owner-unknown (26)"}, x.Notes)
	c.Run = func(t *cases.T) { t.Failf("nothing was refused") }
	require.Empty(t, verdict(t, reference(t, target.AllFeatures()), c).Notes)
}

// TestSetUp says of a case that it did not come to what it shows.
func TestSetUp(t *testing.T) {
	deaf := answers(func(cmd, r []byte) []byte {
		if cmd[1] == 0x12 {
			return []byte{0x69, 0x82}
		}
		return r
	})
	const says = "in the set-up: commissioning: 6982 refused, where done is right"
	for _, c := range []cases.Case{
		{ID: "LOCK-TOY-001", Setup: cases.Owned, Run: func(*cases.T) {}},
		{ID: "LOCK-TOY-002", Run: func(t *cases.T) { t.SetUp(t.Commission) }},
	} {
		x := verdict(t, wrong{reference(t, target.AllFeatures()), deaf}, c)
		require.Equal(t, report.Fail, x.Verdict)
		require.True(t, x.SetUp)
		require.Equal(t, says, x.Message)
		require.Regexp(t, `(?s)^the phone's values .*\n  TH_2 = [0-9a-f]{64}\n.*\n  MAC_3 = [0-9a-f]{64}\n`, x.Notes[0])
	}
	x := verdict(t, wrong{reference(t, target.AllFeatures()), deaf}, cases.Case{ID: "LOCK-TOY-003", Run: func(t *cases.T) {
		t.SetUp(func() {})
		t.Commission()
	}})
	require.False(t, x.SetUp)
	require.Equal(t, says[len("in the set-up: "):], x.Message)
}

// TestTwinSaysSo says of a failure within the tap that the fault was not there.
func TestTwinSaysSo(t *testing.T) {
	for _, at := range []bool{false, true} {
		act := func(t *cases.T, faulty bool) cases.Outcome {
			t.Check(faulty != at, "no")
			return map[bool]cases.Outcome{false: "good", true: "bad"}[faulty]
		}
		x := verdict(t, reference(t, target.AllFeatures()), cases.Case{ID: "LOCK-TOY-001", Act: act, Passes: []cases.Outcome{"good"}, Allowed: []cases.Outcome{"bad"}})
		require.Equal(t, report.Fail, x.Verdict)
		require.False(t, x.SetUp)
		require.Equal(t, map[bool]string{false: "without the fault: no", true: "no"}[at], x.Message)
	}
}

// TestWitness sees at level 1 what has no hook.
func TestWitness(t *testing.T) {
	looks := 0
	c := find(t, "LOCK-ORDER-040")
	c.Setup = func(t *cases.T) {
		t.Witness("looks", func(*cases.T) string { looks++; return string(rune('a' + looks)) })
	}
	x := verdict(t, reference(t, target.AllFeatures()), c)
	require.Equal(t, report.Fail, x.Verdict)
	require.Contains(t, x.Message, "looks was b and is c")
}

// TestEndsOfACase lays each end of a case at the right door.
func TestEndsOfACase(t *testing.T) {
	run := func(f func(*cases.T)) cases.Case { return cases.Case{ID: "LOCK-TOY-001", Run: f} }
	down := func(shim.Request, any, error) (any, error) {
		return nil, &shim.Fault{Kind: shim.Failed, Detail: "port gone"}
	}
	for _, c := range []struct {
		name string
		d    shim.Device
		c    cases.Case
		want report.Verdict
		says string
	}{
		{"pass", reference(t, target.AllFeatures()), run(func(*cases.T) {}), report.Pass, ""},
		{"fail", reference(t, target.AllFeatures()), run(func(t *cases.T) { t.Failf("no %d", 7) }), report.Fail, "no 7"},
		{"check", reference(t, target.AllFeatures()), run(func(t *cases.T) { t.Check(true, "a"); t.Check(false, "b") }), report.Fail, "b"},
		{"expect", reference(t, target.AllFeatures()), run(func(t *cases.T) { t.Expect("it", cases.OK, cases.Denied, cases.NotFound) }), report.Fail, "it: 9000 ok, where 6982 refused or 6A82 not-found is right"},
		{"a refusal without a reason", reference(t, target.AllFeatures()), run(func(t *cases.T) {
			t.Expect("it", cases.Refused(credential.ReasonNone), cases.Taken, cases.Refused(credential.ReasonMalformed))
		}), report.Fail, "it: refused without a reason, where taken or refused: malformed is right"},
		{"a refusal", reference(t, target.AllFeatures()), run(func(t *cases.T) { t.Expect("it", cases.Refused(credential.ReasonNone), cases.Taken) }), report.Fail, "it: refused, where taken is right"},
		{"warn", reference(t, target.AllFeatures()), run(func(t *cases.T) { t.Warnf("slow"); t.Notef("n") }), report.Warn, "slow"},
		{"the suite", reference(t, target.AllFeatures()), run(func(t *cases.T) { t.OK(errors.New("cannot sign")) }), report.Error, "cannot sign"},
		{"panic", reference(t, target.AllFeatures()), run(func(*cases.T) { panic("oh") }), report.Error, "the case panics: oh"},
		{"need forgotten", wrong{reference(t, target.Features{}), nil}, run(func(t *cases.T) { t.Set(shim.Button{}) }), report.Error, "verb not supported"},
		{"the rig", wrong{reference(t, target.AllFeatures()), down}, run(func(*cases.T) {}), report.Inconclusive, "port gone"},
		{"a verb that was claimed", reference(t, target.Features{}), cases.Case{ID: "LOCK-TOY-001", Needs: []shim.Verb{shim.VerbButton}}, report.Fail, "lacks the verb button"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if w, ok := c.d.(wrong); ok && w.change == nil {
				w.change = func(_ shim.Request, reply any, err error) (any, error) { return reply, err }
				c.d = w
			}
			x := verdict(t, c.d, c.c)
			require.Equal(t, c.want, x.Verdict, x.Message)
			require.Contains(t, x.Message, c.says)
		})
	}
}

// TestNoCaseIsVacuous has locks that answer every command alike: with what a case
// allows, with what its twin comes to, and not at all.  No case passes on any.
func TestNoCaseIsVacuous(t *testing.T) {
	for _, c := range Cases(shim.RoleLock) {
		alike := [][]byte{nil, {0x90, 0x00}, {0x61, 0x10}, {0x6F, 0x00}}
		for _, o := range append(append([]cases.Outcome(nil), c.Allowed...), c.Passes...) {
			if b, err := hex.DecodeString(string(o)); err == nil {
				alike = append(alike, b)
			}
		}
		for _, b := range alike {
			d := wrong{reference(t, target.AllFeatures()), answers(func(_, _ []byte) []byte { return b })}
			x := verdict(t, d, c)
			require.Contains(t, []report.Verdict{report.Fail, report.NotApplicable}, x.Verdict, "%s, every answer %x: %s", c.ID, b, x.Message)
		}
	}
}
