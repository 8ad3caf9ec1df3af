package conformance

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/report"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/target"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
)

// phone returns a reference phone.
func phone(t *testing.T) shim.Device {
	t.Helper()
	w, err := world.New(0)
	require.NoError(t, err)
	return target.NewApp(w.Rand("the phone's own random numbers"))
}

func TestReferencePhoneConforms(t *testing.T) { TestApp(t, phone(t), nil) }

func TestReferenceIssuerConforms(t *testing.T) { TestIssuer(t, target.NewIssuer(), nil) }

// TestOtherRolesAreCleanOverSeeds runs phone and issuer with three sets of keys, or
// with twenty where the environment says CONFORMANCE_SEEDS=all.
func TestOtherRolesAreCleanOverSeeds(t *testing.T) {
	seeds := []uint64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}
	if os.Getenv("CONFORMANCE_SEEDS") != "all" {
		seeds = seeds[:3]
	}
	for _, d := range []shim.Device{phone(t), target.NewIssuer()} {
		r, err := Run(t.Context(), Plan{Device: d, Seeds: seeds})
		require.NoError(t, err)
		for _, x := range r.Results {
			require.Equal(t, report.Pass, x.Verdict, "%s seed %d: %s\n%s", x.Case, x.Seed, x.Message, x.Details())
		}
		require.Len(t, r.Results, len(seeds)*len(Cases(d.Hello().Role)))
		t.Logf("%s %s in %d ms", d.Hello().Role, r.Counts(), r.Took)
	}
}

// TestNegativesOutweigh counts the cases of the roles.
func TestNegativesOutweigh(t *testing.T) {
	for _, role := range []shim.Role{shim.RoleApp, shim.RoleIssuer} {
		n := map[cases.Polarity]int{}
		for _, c := range Cases(role) {
			n[c.Polarity()]++
		}
		t.Logf("%s: %v", role, n)
		require.GreaterOrEqual(t, 2*n[cases.Negative], 5*n[cases.Positive], role)
	}
}

// third is the world of seed 3.
func third(t *testing.T) *world.World {
	t.Helper()
	w, err := world.New(3)
	require.NoError(t, err)
	return w
}

// carriedOut runs a case of any role.
func carriedOut(t *testing.T, w *world.World, d shim.Device, c cases.Case) report.Result {
	t.Helper()
	return c.Do(t.Context(), cases.Rig{Device: d, World: w, Claims: func(string) bool { return true }, Level: shim.L1})
}

// mute is an app that never talks to a lock and tells the same each time.
type mute struct {
	shim.Device
	told shim.Told
}

func (m mute) Do(ctx context.Context, r shim.Request) (any, error) {
	switch r.(type) {
	case shim.Tap, shim.Leave:
		return &m.told, nil
	case shim.Command:
		return &shim.Answer{Silent: true}, nil
	}
	return m.Device.Do(ctx, r)
}

// TestNoCaseForAppsIsVacuous has apps that tell the same of every tap, without a
// tap, and after a good one.  No negative case passes on any, and no positive one
// on the first kind.
func TestNoCaseForAppsIsVacuous(t *testing.T) {
	w := third(t)
	var tells []shim.Told
	for o := credential.OutcomeDone; o <= credential.OutcomeFailed; o++ {
		for _, r := range []credential.Reason{0, credential.ReasonPossession, credential.ReasonMalformed, credential.ReasonLink, credential.ReasonStatusWord, credential.ReasonChannel} {
			tells = append(tells, shim.Told{Outcome: int(o), Reason: int(r), Believed: true}, shim.Told{Outcome: int(o), Reason: int(r)})
		}
	}
	p := phone(t)
	for _, c := range Cases(shim.RoleApp) {
		for _, told := range tells {
			x := carriedOut(t, w, mute{p, told}, c)
			require.Equal(t, report.Fail, x.Verdict, "%s, no tap and %+v: %s", c.ID, told, x.Message)
		}
	}
}

// liar is an app that does everything right and tells the same of every tap.
func liar(t *testing.T, told shim.Told) shim.Device {
	t.Helper()
	return wrong{phone(t), func(r shim.Request, reply any, err error) (any, error) {
		if v := r.Verb(); err == nil && (v == shim.VerbTap || v == shim.VerbLeave) {
			lie := *reply.(*shim.Told)
			lie.Outcome, lie.Reason, lie.Believed = told.Outcome, told.Reason, told.Believed
			return &lie, nil
		}
		return reply, err
	}}
}

// TestAppThatAlwaysSaysOpenedFails: of the faults of a lock that is all that
// counts for who stands at the door.
func TestAppThatAlwaysSaysOpenedFails(t *testing.T) {
	w := third(t)
	opened := shim.Told{Outcome: int(credential.OutcomeOpened), Believed: true}
	n := 0
	for _, c := range Cases(shim.RoleApp) {
		if c.Polarity() == cases.Negative && c.Allowed[0] != "opened" && len(c.Passes) == 1 && c.Passes[0] == "opened" {
			n++
			x := carriedOut(t, w, liar(t, opened), c)
			require.Equal(t, report.Fail, x.Verdict, "%s: %s", c.ID, x.Message)
		}
	}
	require.Greater(t, n, 150)
}

// passCases are those of chapter 27.
func passCases() []cases.Case {
	return slices.DeleteFunc(Cases(shim.RoleApp), func(c cases.Case) bool { return Area(c.ID) != "PASS" })
}

// TestNoPassIsVacuous has apps that do everything right and say the same of every
// pass.
func TestNoPassIsVacuous(t *testing.T) {
	w := third(t)
	says := func(taken shim.Taken) shim.Device {
		return wrong{phone(t), func(r shim.Request, reply any, err error) (any, error) {
			if r.Verb() == shim.VerbTake && err == nil {
				return &taken, nil
			}
			return reply, err
		}}
	}
	tried := 0
	for _, c := range passCases() {
		if slices.Equal(c.Passes, []cases.Outcome{cases.Taken}) {
			tried++
			require.Equal(t, report.Fail, carriedOut(t, w, says(shim.Taken{Taken: true}), c).Verdict, "%s, all taken", c.ID)
		}
		for _, r := range []credential.Reason{0, credential.ReasonMalformed, credential.ReasonLimit, credential.ReasonObjectType, credential.ReasonDelegation, credential.ReasonPossession} {
			require.Equal(t, report.Fail, carriedOut(t, w, says(shim.Taken{Reason: int(r)}), c).Verdict, "%s, all refused: %v", c.ID, r)
		}
	}
	require.Greater(t, tried, 60)
}

// unmoved is an app that says the right thing of every pass and uses none.
type unmoved struct {
	shim.Device
	reader shim.Device
}

func (u unmoved) Do(ctx context.Context, r shim.Request) (any, error) {
	switch r.(type) {
	case shim.TakePass:
		return u.reader.Do(ctx, r)
	case shim.Install:
		if _, err := u.reader.Do(ctx, r); err != nil {
			return nil, err
		}
	}
	return u.Device.Do(ctx, r)
}

// TestAppThatUsesNoPassFails in every case of chapter 27.
func TestAppThatUsesNoPassFails(t *testing.T) {
	w := third(t)
	for _, c := range passCases() {
		require.Equal(t, report.Fail, carriedOut(t, w, unmoved{phone(t), phone(t)}, c).Verdict, c.ID)
	}
}

// TestAppWithoutPassesIsNotAsked: whoever does not announce the verbs is not tried,
// and nobody counts that as a fault.
func TestAppWithoutPassesIsNotAsked(t *testing.T) {
	r, err := Run(t.Context(), Plan{Device: passless{phone(t)}, Cases: passCases()})
	require.NoError(t, err)
	for _, x := range r.Results {
		require.Equal(t, report.NotApplicable, x.Verdict, x.Case)
	}
}

// passless is an app whose shim lacks the verbs of chapter 27.
type passless struct{ shim.Device }

func (p passless) Hello() shim.Hello {
	h := p.Device.Hello()
	h.Verbs = []shim.Verb{shim.VerbProvision, shim.VerbTap}
	return h
}

// renewing is an app that asks with a key of its own for each right (section 12.3),
// of one suite and of the other.
type renewing struct {
	shim.Device // which taps
	t           *testing.T
	w           *world.World
	given       shim.Install
	asked       shim.Device // which has the key of the last request; nil before there was one
	keys        int
}

func (a *renewing) Do(ctx context.Context, r shim.Request) (any, error) {
	switch r := r.(type) {
	case shim.Install:
		a.Device, a.given, a.asked = phone(a.t), r, nil
	case shim.AskRight:
		i := a.given
		i.Grant = nil
		a.keys++
		i.Key = shim.Private{Private: world.Private(a.w.Key(fmt.Sprint("asked ", a.keys)))}
		if a.keys%2 == 0 {
			i.Key = shim.Private{Suite: 2, Private: world.Private(a.w.Key2(fmt.Sprint("asked ", a.keys)))}
		}
		a.asked = phone(a.t)
		if _, err := a.asked.Do(ctx, i); err != nil {
			return nil, err
		}
		return a.asked.Do(ctx, r)
	case shim.TakePass:
		if a.asked == nil {
			break
		}
		reply, err := a.asked.Do(ctx, r)
		if err == nil && reply.(*shim.Taken).Taken {
			a.Device = a.asked
		}
		return reply, err
	}
	return a.Device.Do(ctx, r)
}

// TestAppWithAKeyForEachRightConforms in chapter 27: the cases make passes for the key
// of the request, whatever it is.
func TestAppWithAKeyForEachRightConforms(t *testing.T) {
	w := third(t)
	a := &renewing{Device: phone(t), t: t, w: w}
	for range 2 { // so that each case meets both suites
		for _, c := range passCases() {
			x := carriedOut(t, w, a, c)
			require.Equal(t, report.Pass, x.Verdict, "%s: %s", c.ID, x.Message)
		}
		a.keys++
	}
	require.Greater(t, a.keys, 2*len(passCases()))
}

// TestClaimsKeepToTheirBounds holds all claims that the cases send to the schema.
func TestClaimsKeepToTheirBounds(t *testing.T) {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(shim.Schema))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("postern:///shim", v))
	s, err := c.Compile("postern:///shim#/$defs/claim-set")
	require.NoError(t, err)
	n := 0
	d := wrong{target.NewIssuer(), func(r shim.Request, reply any, err error) (any, error) {
		if wish, ok := r.(shim.Issue); ok {
			n++
			claims, err := jsonschema.UnmarshalJSON(bytes.NewReader(wish.Claims))
			require.NoError(t, err)
			require.NoError(t, s.Validate(claims), "%s", wish.Claims)
		}
		return reply, err
	}}
	TestIssuer(t, d, nil)
	require.Greater(t, n, len(Cases(shim.RoleIssuer)))
}

// alike is an issuer that answers every wish alike.
func alike(answer shim.Issued) shim.Device {
	return wrong{target.NewIssuer(), func(r shim.Request, reply any, err error) (any, error) {
		if _, wish := r.(shim.Issue); wish {
			return &answer, nil
		}
		return reply, err
	}}
}

// TestNoCaseForIssuersIsVacuous has issuers that refuse everything, and that sign
// one thing.
func TestNoCaseForIssuersIsVacuous(t *testing.T) {
	w := third(t)
	grant, err := w.Guest(nil)
	require.NoError(t, err)
	for _, c := range Cases(shim.RoleIssuer) {
		x := carriedOut(t, w, alike(shim.Issued{Refused: "no"}), c)
		require.Equal(t, report.Fail, x.Verdict, "%s, all refused: %s", c.ID, x.Message)
		x = carriedOut(t, w, alike(shim.Issued{Object: shim.Hex{0x80}}), c)
		require.Equal(t, report.Fail, x.Verdict, "%s, no object: %s", c.ID, x.Message)
		if Area(c.ID) != "OWNER" {
			x = carriedOut(t, w, alike(shim.Issued{Object: grant}), c)
			require.Equal(t, report.Fail, x.Verdict, "%s, one grant: %s", c.ID, x.Message)
		}
	}
}
