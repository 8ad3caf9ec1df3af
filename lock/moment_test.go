package lock_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/issuer"
)

// source returns the post's source of times.
func source(t testing.TB, w *worldtest.World) *issuer.TimeSource {
	t.Helper()
	s, err := issuer.NewTimeSource(worldtest.Key("post"), w.Post.Authority())
	require.NoError(t, err)
	return s
}

// demanding returns a guest whose entry asks for the evidence, and for the
// schedule where there is one.
func demanding(t testing.TB, w *worldtest.World, e credential.Evidence, s credential.Schedule) *holder.Phone {
	t.Helper()
	return guest(t, w, func(c *credential.GrantClaims) { c.Scope[0].Evidence, c.Scope[0].Schedule = e, s })
}

// lively has a phone fetch a time over the lock's nonce, as the post's clock goes.
func lively(t testing.TB, w *worldtest.World, p *holder.Phone) *holder.Phone {
	t.Helper()
	p.Live = func(_ context.Context, nonce [16]byte) ([]byte, error) { return source(t, w).Live(w.Now, 60, nonce) }
	return p
}

// TestStatedTime raises the floor for good, and speaks for now until the lock
// knows of a later time.
func TestStatedTime(t *testing.T) {
	w := worldtest.New(t)
	p := demanding(t, w, credential.EvidenceStated, nil)
	r, err := tap(t, w, p, credential.OperationOpen)
	requireRefused(t, credential.ReasonEvidence, r, err)

	morning, noon := w.StatedTime(t, w.Now), w.StatedTime(t, w.Now+4*3600)
	for range 2 { // the same time again is no earlier than the floor
		r, err = tap(t, w, bringing(p, morning), credential.OperationOpen)
		requireOpened(t, r, err)
		require.Equal(t, []credential.Reason{credential.ReasonNone}, fates(r))
		require.Equal(t, w.Now, r.State.Floor)
	}
	log := w.Openings()
	require.Equal(t, credential.EvidenceStated, log[len(log)-1].Evidence)
	r, err = tap(t, w, bringing(p), credential.OperationOpen)
	requireRefused(t, credential.ReasonEvidence, r, err) // the evidence ended with the tap

	w.Hand(t, noon)
	written := w.Flash.Programmed
	r, err = tap(t, w, bringing(p, morning), credential.OperationOpen)
	requireRefused(t, credential.ReasonEvidence, r, err)
	require.Equal(t, []credential.Reason{credential.ReasonSuperseded}, fates(r))
	require.Equal(t, written, w.Flash.Programmed)
	require.Equal(t, w.Now+4*3600, w.Lock.Floor())
}

// TestStatedTimeThatIsHardlyLater speaks for now, and is not worth a write.
func TestStatedTimeThatIsHardlyLater(t *testing.T) {
	for later, writes := range map[credential.Time]bool{wire.LimitTokenSeconds - 1: false, wire.LimitTokenSeconds: true} {
		w := worldtest.New(t)
		w.Hand(t, w.StatedTime(t, w.Now))
		written := w.Flash.Programmed
		p := bringing(demanding(t, w, credential.EvidenceStated, nil), w.StatedTime(t, w.Now+later))
		r, err := p.Status(t.Context(), w.Link())
		require.NoError(t, err)
		require.Equal(t, []credential.Reason{credential.ReasonNone}, fates(r))
		require.Equal(t, writes, w.Flash.Programmed > written)
		require.Equal(t, writes, w.Lock.Floor() > w.Now)
		r, err = tap(t, w, p, credential.OperationOpen)
		requireOpened(t, r, err)
	}
}

// TestOldTimeSpeaksForNothingBesideANewer brings both in one tap, in either order.
func TestOldTimeSpeaksForNothingBesideANewer(t *testing.T) {
	w := worldtest.New(t)
	p := demanding(t, w, credential.EvidenceStated, credential.Schedule{{Days: 1, From: 8 * 60, Until: 10 * 60}})
	nine, eleven := w.StatedTime(t, w.Now), w.StatedTime(t, w.Now+2*3600)
	r, err := tap(t, w, bringing(p, eleven, nine), credential.OperationOpen)
	requireRefused(t, credential.ReasonHours, r, err)
	require.Equal(t, []credential.Reason{credential.ReasonNone, credential.ReasonSuperseded}, fates(r))
	w = worldtest.New(t)
	r, err = tap(t, w, bringing(p, nine, eleven), credential.OperationOpen)
	requireRefused(t, credential.ReasonHours, r, err)
	require.Equal(t, make([]credential.Reason, 2), fates(r))
}

// TestTimesThatAreRefused change nothing.
func TestTimesThatAreRefused(t *testing.T) {
	const day = worldtest.Day
	for name, c := range map[string]struct {
		authority func(*credential.AuthorityClaims)
		signer    string
		time      func(*worldtest.World) credential.Time
		want      credential.Reason
	}{
		"beyond its certificate": {asThePost, "other post", func(w *worldtest.World) credential.Time { return w.Now + 80*day + 1 }, credential.ReasonAuthorityExpired},
		"without the right": {func(c *credential.AuthorityClaims) { c.Rights = credential.RightIssue | credential.RightRevoke },
			"other post", func(w *worldtest.World) credential.Time { return w.Now }, credential.ReasonAuthorityRight},
		"before its certificate": {func(c *credential.AuthorityClaims) { c.IssuedAt += 11 * day },
			"other post", func(w *worldtest.World) credential.Time { return w.Now }, credential.ReasonAuthorityExpired},
		"before the floor": {asThePost, "other post", func(w *worldtest.World) credential.Time { return made(w) - 1 }, credential.ReasonSuperseded},
		"by nobody":        {asThePost, "stranger", func(w *worldtest.World) credential.Time { return w.Now }, credential.ReasonIssuerUnknown},
		"by the owner":     {asThePost, "owner", func(w *worldtest.World) credential.Time { return w.Now }, credential.ReasonIssuerUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			u, err := credential.NewTimeToken(credential.TimeClaims{Time: c.time(w)}, worldtest.Public(t, c.signer))
			p := bringing(demanding(t, w, credential.EvidenceStated, nil), signed(t, c.signer, u, err))
			p.Authorities = [][]byte{certified(t, w, "other post", c.authority).Bytes()}
			r, err := tap(t, w, p, credential.OperationOpen)
			requireRefused(t, credential.ReasonEvidence, r, err)
			require.Equal(t, []credential.Reason{c.want}, fates(r))
			require.Zero(t, w.Flash.Programmed)
			require.Equal(t, made(w), w.Lock.Floor())
		})
	}
}

// TestTimeFromTheFutureEndsWithItsCertificate: the farthest that an authority can
// push a lock is its own end, and then it is heard no more.
func TestTimeFromTheFutureEndsWithItsCertificate(t *testing.T) {
	w := worldtest.New(t)
	end := w.Post.Authority().Expires()
	r := w.Hand(t, w.StatedTime(t, end))
	require.Equal(t, []credential.Reason{credential.ReasonNone}, fates(r))
	require.Equal(t, end, w.Lock.Floor())
	r = w.Hand(t, w.StatedTime(t, end))
	require.Equal(t, []credential.Reason{credential.ReasonAuthorityExpired}, fates(r))
	r, err := tap(t, w, w.PostmanPhone(t), credential.OperationDeliver)
	requireRefused(t, credential.ReasonAuthorityExpired, r, err)
}

// TestForgedTimes are signed by somebody else.
func TestForgedTimes(t *testing.T) {
	w := worldtest.New(t)
	u, err := credential.NewTimeToken(credential.TimeClaims{Time: w.Now}, worldtest.Public(t, "post"))
	r := w.Hand(t, signed(t, "thief", u, err))
	require.Equal(t, []credential.Reason{credential.ReasonSignature}, fates(r))
	require.Equal(t, made(w), w.Lock.Floor())
}

// TestLiveTime is fetched in the middle of the tap, over the nonce of the lock, in
// a full exchange and in a resumed one.
func TestLiveTime(t *testing.T) {
	w := worldtest.New(t)
	p := resuming(lively(t, w, demanding(t, w, credential.EvidenceLive, nil)))
	for _, pairs := range []int{4, 3} {
		r, err := tap(t, w, p, credential.OperationOpen)
		requireOpened(t, r, err)
		require.Equal(t, pairs, r.Cost.Pairs)
		require.Equal(t, []credential.Reason{credential.ReasonNone}, fates(r))
		log := w.Openings()
		require.Equal(t, credential.EvidenceLive, log[len(log)-1].Evidence)
		require.Equal(t, w.Now, log[len(log)-1].Time)
	}
	p.Live = nil
	r, err := tap(t, w, p, credential.OperationOpen)
	requireRefused(t, credential.ReasonEvidence, r, err)
}

// TestLiveTimeEndsAGrantToTheMinute, though the floor is far behind.
func TestLiveTimeEndsAGrantToTheMinute(t *testing.T) {
	for late, want := range map[credential.Time]credential.Reason{0: credential.ReasonNone, 1: credential.ReasonExpired} {
		w := worldtest.New(t)
		p := lively(t, w, guest(t, w, func(c *credential.GrantClaims) {
			c.IssuedAt, c.Expires = w.Now-3600, w.Now+1-late
			c.Scope[0].Evidence = credential.EvidenceLive
		}))
		r, err := tap(t, w, p, credential.OperationOpen)
		require.NoError(t, err)
		require.Equal(t, want, r.Reason)
	}
}

// TestLiveTimesThatAreNone: over another nonce, too late, and to a lock that has
// nothing to measure by.  The floor stays.
func TestLiveTimesThatAreNone(t *testing.T) {
	for name, c := range map[string]struct {
		nonce     func([16]byte) [16]byte
		elapsed   time.Duration
		alter     func(*worldtest.World)
		want      []credential.Reason
		announces bool
	}{
		"over another nonce":             {nonce: func(n [16]byte) [16]byte { n[15]++; return n }, want: []credential.Reason{credential.ReasonEvidence}, announces: true},
		"in the minute":                  {elapsed: time.Minute, want: []credential.Reason{credential.ReasonNone}, announces: true},
		"after a minute":                 {elapsed: time.Minute + 1, want: []credential.Reason{credential.ReasonEvidence}, announces: true},
		"after a day":                    {elapsed: 24 * time.Hour, want: []credential.Reason{credential.ReasonEvidence}, announces: true},
		"oscillator that runs backwards": {elapsed: -time.Second, want: []credential.Reason{credential.ReasonEvidence}, announces: true},
		"no oscillator":                  {alter: func(w *worldtest.World) { w.Config.Elapsed = nil }, want: []credential.Reason{credential.ReasonEvidence}},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			if c.alter != nil {
				c.alter(w)
			}
			w.PowerUp(t)
			w.Elapsed = 5 * time.Hour // under power
			v := visit(t, w, "neighbour", demanding(t, w, credential.EvidenceLive, nil).Grant)
			require.Equal(t, c.announces, v.selection.Capabilities&wire.CapabilityLiveTime != 0)
			nonce := [16]byte(v.selection.Nonce)
			if c.nonce != nil {
				nonce = c.nonce(nonce)
			}
			token, err := source(t, w).Live(w.Now, 60, nonce)
			require.NoError(t, err)
			w.Elapsed += c.elapsed
			r, status := v.ask(message.Request{Operation: credential.OperationOpen, Documents: [][]byte{token}, Chain: [][]byte{w.Post.Authority().Bytes()}})
			require.Equal(t, apdu.StatusOK, status)
			require.Equal(t, c.want, r.Documents)
			if c.want[0] == credential.ReasonNone {
				require.Equal(t, credential.OutcomeOpened, r.Outcome)
				return
			}
			require.Equal(t, credential.ReasonEvidence, r.Reason)
			require.Zero(t, w.Flash.Programmed)
		})
	}
}

// TestLiveTimeHeldBack is handed over in time and used too late, while the field
// stays on: it counts as a stated one then.
func TestLiveTimeHeldBack(t *testing.T) {
	for evidence, want := range map[credential.Evidence]credential.Reason{
		credential.EvidenceLive: credential.ReasonEvidence, credential.EvidenceStated: credential.ReasonNone,
	} {
		w := worldtest.New(t)
		v := visit(t, w, "neighbour", demanding(t, w, evidence, nil).Grant)
		token, err := source(t, w).Live(w.Now, 60, v.selection.Nonce)
		require.NoError(t, err)
		r, _ := v.ask(message.Request{Documents: [][]byte{token}, Chain: [][]byte{w.Post.Authority().Bytes()}})
		require.Equal(t, []credential.Reason{credential.ReasonNone}, r.Documents)
		w.Elapsed = time.Minute + time.Millisecond
		r, _ = v.ask(message.Request{Operation: credential.OperationOpen})
		require.Equal(t, want, r.Reason)
		w.Elapsed = time.Minute
		if want != credential.ReasonNone { // nothing but the time was in the way
			r, _ = v.ask(message.Request{Operation: credential.OperationOpen})
			require.Equal(t, credential.OutcomeOpened, r.Outcome)
		}
	}
}

// TestLiveTimeOfAnEarlierTap is of another nonce, though the field stays on.
func TestLiveTimeOfAnEarlierTap(t *testing.T) {
	w := worldtest.New(t)
	p := demanding(t, w, credential.EvidenceLive, nil)
	token, err := source(t, w).Live(w.Now, 60, visit(t, w, "neighbour", p.Grant).selection.Nonce)
	require.NoError(t, err)
	r, err := bringing(p, token).Open(t.Context(), w.Link(), credential.OperationOpen)
	requireRefused(t, credential.ReasonEvidence, r, err)
	require.Equal(t, []credential.Reason{credential.ReasonEvidence}, fates(r))
}

// TestClock of the lock's own is worth more than any token, as long as it is not
// behind what the lock knows.  It moves no floor.
func TestClock(t *testing.T) {
	const hour = 3600
	for name, c := range map[string]struct {
		ahead int // seconds from the world's time
		knows bool
		ends  credential.Time // of the grant, from now
		want  credential.Reason
	}{
		"right":                   {0, true, hour, credential.ReasonNone},
		"right, the grant ended":  {2 * hour, true, hour, credential.ReasonExpired},
		"right, to the second":    {hour, true, hour, credential.ReasonExpired},
		"behind the floor":        {-1, true, hour, credential.ReasonEvidence},
		"knows nothing":           {0, false, hour, credential.ReasonEvidence},
		"right, before the grant": {0, true, 0, credential.ReasonNotYetValid},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			w.Hand(t, w.StatedTime(t, w.Now))
			w.Config.Clock = func() (credential.Time, int16, bool) {
				return credential.Time(int(w.Now) + c.ahead), 60, c.knows
			}
			p := guest(t, w, func(g *credential.GrantClaims) {
				g.Expires, g.Scope[0].Evidence = w.Now+c.ends, credential.EvidenceClock
				if c.ends == 0 {
					g.NotBefore, g.Expires = w.Now+1, w.Now+hour
				}
			})
			r, err := tap(t, w, p, credential.OperationOpen)
			require.NoError(t, err)
			require.Equal(t, c.want, r.Reason)
			require.Equal(t, w.Now, w.Lock.Floor())
			if c.want == credential.ReasonNone {
				log := w.Openings()
				require.Equal(t, credential.EvidenceClock, log[len(log)-1].Evidence)
			}
		})
	}
}

// TestHours are those of the place: its Saturday is still Friday in UTC.
func TestHours(t *testing.T) {
	const saturday = 1 << 5
	at := func(day, hour, minute int) credential.Time {
		return credential.At(time.Date(2027, 3, day, hour, minute, 0, 0, time.UTC))
	}
	schedule := credential.Schedule{{Days: saturday, From: 0, Until: 6 * 60}, {Days: saturday, From: 1380, Until: 1440}}
	for name, c := range map[string]struct {
		at     credential.Time
		offset int16
		want   credential.Reason
	}{
		"Friday in UTC, Saturday there":     {at(5, 23, 0), 60, credential.ReasonNone},
		"a minute before midnight there":    {at(5, 22, 59), 60, credential.ReasonHours},
		"Friday in both":                    {at(5, 23, 0), 0, credential.ReasonHours},
		"Saturday in UTC, Friday there":     {at(6, 4, 0), -300, credential.ReasonHours},
		"Saturday in both":                  {at(6, 5, 0), -300, credential.ReasonNone},
		"last minute of the window":         {at(6, 4, 59), 60, credential.ReasonNone},
		"first minute behind it":            {at(6, 5, 0), 60, credential.ReasonHours},
		"last hour of the day":              {at(6, 22, 59), 60, credential.ReasonNone},
		"Sunday there":                      {at(6, 23, 0), 60, credential.ReasonHours},
		"half an hour, as some places have": {at(5, 18, 30), 330, credential.ReasonNone},
		"as far ahead as a place can be":    {at(5, 10, 0), 840, credential.ReasonNone},
		"as far behind as a place can be":   {at(6, 14, 0), -840, credential.ReasonNone},
		"as far behind, a minute earlier":   {at(6, 13, 59), -840, credential.ReasonHours},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			p := demanding(t, w, 0, schedule) // live, where nothing is said
			p.Live = func(_ context.Context, nonce [16]byte) ([]byte, error) {
				return source(t, w).Live(c.at, c.offset, nonce)
			}
			r, err := tap(t, w, p, credential.OperationOpen)
			require.NoError(t, err)
			require.Equal(t, c.want, r.Reason)

			stated, err := source(t, w).State(c.at, c.offset)
			require.NoError(t, err)
			r, err = tap(t, w, bringing(demanding(t, w, credential.EvidenceStated, schedule), stated), credential.OperationOpen)
			require.NoError(t, err)
			require.Equal(t, c.want, r.Reason)
			p.Live, p.Documents = nil, [][]byte{stated}
			r, err = tap(t, w, p, credential.OperationOpen)
			requireRefused(t, credential.ReasonEvidence, r, err)
		})
	}
}
