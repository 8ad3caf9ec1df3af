package credential_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

// window is a window of a schedule, by hand.
func window(days, from, until int64) cbor { return list(num(days), num(from), num(until)) }

func TestFaultsOfConditions(t *testing.T) {
	hours := func(windows ...cbor) func(*forge) { return conditioned(pair{num(1), list(windows...)}) }
	uses := func(items ...cbor) func(*forge) { return conditioned(pair{num(2), list(items...)}) }
	value := func(number int64, v cbor) func(*forge) { return conditioned(pair{num(number), v}) }
	requireFaults(t, kinds[2], []structural{
		{"no window", hours(), overLimit, "scope: condition schedule"},
		{"nine windows", hours(slices.Repeat([]cbor{window(1, 0, 1)}, 9)...), overLimit, "scope: condition schedule"},
		{"schedule a number", value(1, num(1)), malformed, "scope: condition schedule"},
		{"schedule a window", value(1, window(1, 0, 1)), malformed, "scope: condition schedule: window"},
		{"window of two", hours(list(num(1), num(0))), malformed, "condition schedule: window"},
		{"window of four", hours(list(num(1), num(0), num(1), num(1))), malformed, "condition schedule: window"},
		{"window a map", hours(dict()), malformed, "condition schedule: window"},
		{"no day", hours(window(0, 0, 1)), malformed, "condition schedule: days 0"},
		{"an eighth day", hours(window(128, 0, 1)), malformed, "condition schedule: days"},
		{"days of 64 bits", hours(list(head(0, 1<<63), num(0), num(1))), malformed, "condition schedule: days"},
		{"from its end", hours(window(1, 600, 600)), malformed, "from minute 600 until 600"},
		{"across midnight", hours(window(1, 1320, 120)), malformed, "from minute 1320 until 120"},
		{"from the end of the day", hours(window(1, 1440, 1440)), malformed, "from minute 1440"},
		{"from behind the day", hours(window(1, 1441, 1442)), malformed, "condition schedule: from"},
		{"until behind the day", hours(window(1, 0, 1441)), malformed, "condition schedule: until"},
		{"from negative", hours(window(1, -1, 1)), malformed, "condition schedule: from"},
		{"the fault in the last window", hours(window(1, 0, 1), window(1, 1, 1)), malformed, "from minute 1 until 1"},

		{"uses a number", value(2, num(1)), malformed, "scope: condition uses"},
		{"uses of one", uses(num(1)), malformed, "condition uses: "},
		{"uses of three", uses(num(1), num(1), num(1)), malformed, "condition uses: "},
		{"no use", uses(num(0), num(1)), malformed, "condition uses: count: must not be zero"},
		{"256 uses", uses(num(256), num(1)), malformed, "condition uses: count: 256 is over 255"},
		{"uses negative", uses(num(-1), num(1)), malformed, "condition uses: count"},
		{"no start", uses(num(1), num(0)), malformed, "condition uses: starts: must not be zero"},
		{"four starts", uses(num(1), num(4)), malformed, "condition uses: starts: 4 is over 3"},
		{"starts a byte string", uses(num(1), bstr(1)), malformed, "condition uses: starts"},

		{"delegation zero", value(3, num(0)), malformed, "condition delegation: must not be zero"},
		{"delegation over three links", value(3, num(3)), malformed, "condition delegation: 3 is over 2"},
		{"delegation true", value(3, yes), malformed, "condition delegation"},
		{"evidence by the floor", value(4, num(0)), malformed, "condition evidence: must not be zero"},
		{"evidence unknown", value(4, num(4)), malformed, "condition evidence: 4 is over 3"},
		{"evidence a byte string", value(4, bstr(1)), malformed, "condition evidence"},
		{"resource zero", value(6, num(0)), malformed, "condition resource: must not be zero"},
		{"resource of nine bits", value(6, num(256)), malformed, "condition resource: 256 is over 255"},
		{"resource an array", value(6, list(num(1))), malformed, "condition resource"},
	})
}

// TestConditionsOutOfOrderAreRefused swaps each two neighbours among all the
// conditions, those that are not known too.
func TestConditionsOutOfOrderAreRefused(t *testing.T) {
	all := []pair{
		{num(0), yes}, {num(1), always}, {num(2), list(num(1), num(1))}, {num(3), num(1)}, {num(4), num(1)},
		{num(5), num(1)}, {num(6), num(1)}, {num(7), num(1)}, {num(8), yes},
	}
	for i := range len(all) - 1 {
		pairs := slices.Clone(all[max(0, i-6):max(i+2, 8)])
		f := grantForge(edKey("signer"), edKey("subject"))
		conditioned(pairs...)(f)
		_, err := credential.ParseGrant(f.bytes())
		require.NoError(t, err)

		at := slices.IndexFunc(pairs, func(p pair) bool { return slices.Equal(p.key, all[i].key) })
		pairs[at], pairs[at+1] = pairs[at+1], pairs[at]
		conditioned(pairs...)(f)
		_, err = credential.ParseGrant(f.bytes())
		requireReason(t, err, malformed, "not in order")
	}
}

// at changes the place of the tests.
func at(change func(*credential.Place)) credential.Place {
	p := here
	change(&p)
	return p
}

// when is the place of the tests at a moment that is known by this evidence.
func when(e credential.Evidence, now credential.Time, offset int16) credential.Place {
	return at(func(p *credential.Place) { p.Moment = credential.Moment{Evidence: e, Now: now, Offset: offset} })
}

// box is the place of the tests with a compartment named.
func box(n uint8) credential.Place { return at(func(p *credential.Place) { p.Resource = n }) }

func TestJudgeResource(t *testing.T) {
	third := conditioned(pair{num(6), num(3)})
	for _, c := range []struct {
		name  string
		spoil func(*forge)
		at    credential.Place
		want  credential.Reason
	}{
		{"no condition, none named", conditioned(pair{num(5), num(1)}), here, 0},
		{"no condition, any", conditioned(pair{num(5), num(1)}), box(255), 0},
		{"the same", third, box(3), 0},
		{"another", third, box(4), credential.ReasonResource},
		{"none named", third, here, credential.ReasonResource},
	} {
		t.Run(c.name, func(t *testing.T) {
			requireVerdict(t, c.want, judged(t, nil, c.spoil), open, c.at)
		})
	}
}

func TestJudgeEvidence(t *testing.T) {
	const floor, stated, live, clock = credential.EvidenceFloor, credential.EvidenceStated, credential.EvidenceLive, credential.EvidenceClock
	kinds := []credential.Evidence{floor, stated, live, clock}
	for _, c := range []struct {
		name  string
		pairs []pair
		least credential.Evidence
	}{
		{"stated", []pair{{num(4), num(1)}}, stated},
		{"live", []pair{{num(4), num(2)}}, live},
		{"clock", []pair{{num(4), num(3)}}, clock},
		{"a schedule alone", []pair{{num(1), always}}, live},
		{"a schedule that takes a stated time", []pair{{num(1), always}, {num(4), num(1)}}, stated},
		{"a schedule by a live time", []pair{{num(1), always}, {num(4), num(2)}}, live},
		{"a schedule by the lock's clock", []pair{{num(1), always}, {num(4), num(3)}}, clock},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := judged(t, nil, conditioned(c.pairs...))
			for _, have := range kinds {
				want := credential.ReasonNone
				if have < c.least {
					want = credential.ReasonEvidence
				}
				requireVerdict(t, want, g, open, when(have, begins, 0))
				requireVerdict(t, credential.ReasonEvidence, g, open, when(have, 0, 0))
			}
		})
	}
}

// TestJudgeHours plays Friday, 15 January 2027, 08:01:40 UTC.
func TestJudgeHours(t *testing.T) {
	const friday, thursday, saturday = 16, 8, 32
	for _, c := range []struct {
		name    string
		windows []cbor
		now     credential.Time
		offset  int16
		good    bool
	}{
		{"the day and the hour", []cbor{window(friday, 480, 540)}, begins, 0, true},
		{"the minute alone", []cbor{window(friday, 481, 482)}, begins, 0, true},
		{"the first second", []cbor{window(friday, 481, 482)}, issued + 60, 0, true},
		{"the second before", []cbor{window(friday, 481, 482)}, issued + 59, 0, false},
		{"the last second", []cbor{window(friday, 481, 482)}, issued + 119, 0, true},
		{"the second behind", []cbor{window(friday, 481, 482)}, issued + 120, 0, false},
		{"another day", []cbor{window(127&^friday, 480, 540)}, begins, 0, false},
		{"the second of two windows", []cbor{window(saturday, 480, 540), window(friday, 480, 540)}, begins, 0, true},
		{"none of eight windows", slices.Repeat([]cbor{window(friday, 0, 481)}, 8), begins, 0, false},
		{"an hour ahead", []cbor{window(friday, 541, 542)}, begins, 60, true},
		{"an hour ahead, by UTC", []cbor{window(friday, 481, 482)}, begins, 60, false},
		{"an hour behind", []cbor{window(friday, 421, 422)}, begins, -60, true},
		{"the day before", []cbor{window(thursday, 1081, 1082)}, begins, -840, true},
		{"the day before, by UTC", []cbor{window(friday, 0, 1440)}, begins, -840, false},
		{"the last minute of the day", []cbor{window(friday, 1439, 1440)}, issued + 959*60, 0, true},
		{"midnight", []cbor{window(saturday, 0, 1)}, issued + 960*60, 0, true},
		{"midnight is no longer the day", []cbor{window(friday, 0, 1440)}, issued + 960*60, 0, false},
		{"the next day", []cbor{window(saturday, 0, 1)}, issued + 120*60, 840, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := credential.ReasonNone
			if !c.good {
				want = credential.ReasonHours
			}
			g := judged(t, nil, conditioned(pair{num(1), list(c.windows...)}), func(f *forge) { f.claims = set(f.claims, 4, num(1<<32-1)) })
			requireVerdict(t, want, g, open, when(credential.EvidenceLive, c.now, c.offset))
			requireVerdict(t, want, g, open, when(credential.EvidenceClock, c.now, c.offset))
		})
	}
}

// TestScheduleAtTheEndsOfTime holds that no moment and no offset admits by
// accident, or does worse.
func TestScheduleAtTheEndsOfTime(t *testing.T) {
	whole := credential.Schedule{{Days: credential.EveryDay, From: 0, Until: 1440}}
	for _, c := range []struct {
		now    credential.Time
		offset int16
		want   bool
	}{
		{0, 0, false}, {0, 840, false}, {1, 0, true}, {1, -1, false}, {60, -1, true}, {1, -1 << 15, false}, {1, 1<<15 - 1, true},
		{1<<32 - 1, 1<<15 - 1, true}, {1<<32 - 1, -1 << 15, true},
	} {
		require.Equal(t, c.want, whole.Admits(credential.Moment{Evidence: credential.EvidenceClock, Now: c.now, Offset: c.offset}), "%d %d", c.now, c.offset)
	}
	require.False(t, credential.Schedule{}.Admits(credential.Moment{Now: begins}))
	require.Equal(t, "MonTueWedThuFri 06:00-24:00, Sun 23:59-24:00", credential.Schedule{
		{Days: credential.Weekdays, From: 360, Until: 1440}, {Days: credential.Sunday, From: 1439, Until: 1440},
	}.String())
}

// TestJudgeOrderOfFaults gives an entry every fault and takes them away, the
// first one first.
func TestJudgeOrderOfFaults(t *testing.T) {
	p := here
	p.Lock = credential.LockID{9}
	g := below(t, judged(t, nil, func(f *forge) {
		f.scope = list(entryFor(1, lockID[:], 1, pair{num(0), yes}, pair{num(1), list(window(8, 0, 1440))}, pair{num(4), num(1)},
			pair{num(5), num(9)}, pair{num(6), num(3)}))
	}), nil)
	root := g.Parent()
	for _, c := range []struct {
		want  credential.Reason
		amend func()
	}{
		{credential.ReasonTarget, func() { p.Lock = lockID }},
		{credential.ReasonAction, nil},
		{credential.ReasonDelegation, func() { g = root }},
		{credential.ReasonResource, func() { p.Resource = 3 }},
		{credential.ReasonConditionUnknown, func() {
			g = judged(t, nil, conditioned(pair{num(1), list(window(8, 0, 1440))}, pair{num(4), num(1)}, pair{num(5), num(9)}, pair{num(6), num(3)}))
		}},
		{credential.ReasonPolicyVersion, func() { p.PolicyVersion = 9 }},
		{credential.ReasonEvidence, func() { p.Moment = credential.Moment{Evidence: credential.EvidenceStated, Now: begins} }},
		{credential.ReasonHours, func() { p.Moment.Now -= 24 * 3600 }},
		{credential.ReasonNone, nil},
	} {
		action := open
		if c.want == credential.ReasonTarget || c.want == credential.ReasonAction {
			action = deliver
		}
		requireVerdict(t, c.want, g, action, p)
		if c.amend != nil {
			c.amend()
		}
	}
}

// TestJudgeForNoActionAsksForNoUse holds that somebody who only asks for the
// state needs no time, no compartment and no use.
func TestJudgeForNoActionAsksForNoUse(t *testing.T) {
	g := judged(t, nil, conditioned(pair{num(1), list(window(1, 0, 1))}, pair{num(2), list(num(1), num(1))},
		pair{num(4), num(3)}, pair{num(5), num(4)}, pair{num(6), num(3)}))
	p, err := g.Judge(0, here)
	require.NoError(t, err)
	require.Equal(t, credential.Permission{PolicyVersion: 4}, p)

	requireVerdict(t, credential.ReasonTarget, g, 0, at(func(p *credential.Place) { p.Lock[0]++ }))
	requireVerdict(t, credential.ReasonPolicyVersion, g, 0, at(func(p *credential.Place) { p.PolicyVersion = 3 }))
	requireVerdict(t, credential.ReasonExpired, g, 0, at(func(p *credential.Place) { p.Floor = expires }))
	requireVerdict(t, credential.ReasonDelegation, below(t, g, nil), 0, here)
}

// TestJudgeCounts holds which uses a use counts against.
func TestJudgeCounts(t *testing.T) {
	counted := func(count, starts int64) pair { return pair{num(2), list(num(count), num(starts))} }
	scope := list(
		entryFor(1, lockID[:], 2, counted(9, 3)),
		entryFor(1, lockID[:], 1, counted(255, 1), pair{num(5), num(4)}),
		entryFor(1, lockID[:], 1, counted(1, 1)),
		entryFor(1, lockID[:], 4),
	)
	guest, staff := judged(t, nil, scoped(scope)), judged(t, operator(t, edKey("signer"), post()), scoped(scope))
	for _, g := range []*credential.Grant{guest, staff} {
		count := credential.Count{Grant: g.Tag(), Entry: 1, Uses: credential.Uses{Count: 255, Starts: 1}, Expires: expires, Operator: g == staff}
		p, err := g.Judge(open, here)
		require.NoError(t, err)
		require.Equal(t, []credential.Count{count}, p.Counted)
		require.EqualValues(t, 4, p.PolicyVersion)

		p, err = g.Judge(deliver, here)
		require.NoError(t, err)
		count.Entry, count.Uses = 0, credential.Uses{Count: 9, Starts: 3}
		require.Equal(t, []credential.Count{count}, p.Counted)
		require.Zero(t, p.PolicyVersion)

		p, err = g.Judge(credential.ActionCollect, here)
		require.NoError(t, err)
		require.Nil(t, p.Counted)
	}
}
