package service

import (
	"bytes"
	"crypto"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/issuer/issuertest"
	"github.com/postern-lock/postern/issuer/ledger"
)

// duty returns the n-th duty of a day, of a postman of its own.
func (v *town) duty(n int) api.Duty {
	return api.Duty{
		ID: api.Of(ledger.DutyID{0: 1, 14: byte(n >> 8), 15: byte(n)}), Holder: issuertest.Public(v.Key(fmt.Sprint("postman ", n))),
		Area: fmt.Appendf(nil, "FR75011%03d", n), Service: api.Service(credential.ServicePost),
		Actions:   api.Actions(credential.ActionDeliver | credential.ActionCollect),
		NotBefore: v.Now + 3600, Expires: v.Now + 12*3600,
	}
}

// bodyOf is the body of a request for duties.
func bodyOf(duties ...api.Duty) []byte {
	b := new(bytes.Buffer)
	for _, d := range duties {
		if err := json.NewEncoder(b).Encode(d); err != nil {
			panic(err)
		}
	}
	return b.Bytes()
}

// streaming is the request with the body.
func (v *town) streaming(body []byte) request {
	return request{method: "POST", path: "/v1/duties", device: v.Key("desk"), body: body, header: map[string]string{"Content-Type": "application/x-ndjson"}}
}

// lines sends duties, and returns the lines of the answer, each held to the
// contract.
func (v *town) lines(body []byte) []api.Line {
	v.t.Helper()
	w := v.send(v.streaming(body))
	require.Equal(v.t, 200, w.Code, w.Body.String())
	require.Equal(v.t, "application/x-ndjson", w.Header().Get("Content-Type"))
	return linesOf(v.t, w.Body.String())
}

// lineSchema is what openapi.yaml says of a line.
var lineSchema = sync.OnceValue(func() *openapi3.Schema {
	doc := must(openapi3.NewLoader().LoadFromFile("openapi.yaml"))
	return doc.Components.Schemas["IssuedLine"].Value
})

func linesOf(t testing.TB, text string) (all []api.Line) {
	t.Helper()
	for line := range strings.Lines(text) {
		var plain any
		require.NoError(t, json.Unmarshal([]byte(line), &plain))
		require.NoError(t, lineSchema().VisitJSON(plain), line)
		var l api.Line
		require.NoError(t, json.Unmarshal([]byte(line), &l))
		all = append(all, l)
	}
	return all
}

func TestDutiesGetGrants(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		body := bodyOf(v.duty(1), v.duty(2), v.duty(3))
		lines := v.lines(body)
		require.Len(t, lines, 4)
		require.Equal(t, &api.Summary{Issued: 3}, lines[3].Summary)
		for i, l := range lines[:3] {
			require.EqualValues(t, i+1, l.Serial)
			u := must(credential.ParseGrant(l.Grant))
			require.Equal(t, issuertest.Public(v.Key(fmt.Sprint("postman ", i+1))), u.Claims.Holder)
			require.Equal(t, u.Tag(), l.Tag.Value)
			require.Equal(t, v.Now+3600, u.Claims.NotBefore)
		}
		// Whoever lost the answer asks again, and gets the same.
		require.Equal(t, lines, v.lines(body))
		round := ok[api.Round](v, request{method: "GET", path: "/v1/staff/round", device: v.Key("postman 2")})
		require.Equal(t, []api.Bytes{lines[1].Grant}, round.Grants)
	})
}

func TestLineThatIsNoDutyDoesNotStopTheOthers(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		wide := v.duty(2)
		wide.Area = []byte("FR75")
		foreign := v.duty(3)
		foreign.Service = api.Service(credential.ServiceWater)
		body := append([]byte("{\"id\":1}\n"), bodyOf(v.duty(1), wide, foreign)...)
		body = append(body, "\n"...)
		lines := v.lines(append(body, bodyOf(v.duty(4))...))
		found := make(map[string]int)
		for _, l := range lines {
			switch {
			case l.Problem != nil:
				found[l.Problem.Name()]++
			case l.Grant != nil:
				found["granted"]++
			}
		}
		require.Equal(t, map[string]int{"granted": 2, problemMalformed.name: 2, problemInvalid.name: 1, problemObject.name: 1}, found)
		require.Equal(t, &api.Summary{Issued: 2, Refused: 4}, lines[len(lines)-1].Summary)
	})
}

func TestDutyWithOtherContentIsAConflict(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		v.lines(bodyOf(v.duty(1)))
		other := v.duty(2)
		other.ID = v.duty(1).ID
		lines := v.lines(bodyOf(other))
		require.Equal(t, problemConflict.name, lines[0].Problem.Name())
		require.Equal(t, other.ID, *lines[0].ID)
	})
}

func TestStreamThatIsTooLongForALineIsCut(t *testing.T) {
	v := inMemory(t)
	body := append(bodyOf(v.duty(1)), bytes.Repeat([]byte("x"), streamLine+1)...)
	lines := v.lines(body)
	require.Len(t, lines, 2)
	require.NotNil(t, lines[0].Grant)
	require.Equal(t, problemTooLarge.name, lines[1].Problem.Name())
	require.Contains(t, v.service.counters.text(), `{route="POST /v1/duties",result="too-large"} 1`)
	require.NotContains(t, v.service.counters.text(), `{route="POST /v1/duties",result="ok"}`)
	v.refused(v.streaming(bytes.Repeat([]byte("x"), streamLine+1)), problemTooLarge)
}

func TestTheSameDutiesAtOnceAreIssuedOnce(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		var duties []api.Duty
		for n := range 20 {
			duties = append(duties, v.duty(n))
		}
		body := bodyOf(duties...)
		answers := make([]*httptest.ResponseRecorder, 4)
		var wg sync.WaitGroup
		for i := range answers {
			r, _ := v.prepare(v.streaming(body))
			r.TLS.PeerCertificates = certificatesOf(v.Key("desk"))
			answers[i] = httptest.NewRecorder()
			wg.Go(func() { v.service.Staff().ServeHTTP(answers[i], r) })
		}
		wg.Wait()
		first := linesOf(t, answers[0].Body.String())
		require.Len(t, first, 21)
		for _, w := range answers[1:] {
			require.Equal(t, first, linesOf(t, w.Body.String()))
		}
		all, err := v.store.Since(t.Context(), 0, 100)
		require.NoError(t, err)
		require.Len(t, all, 20)
	})
}

func TestNobodyButADispatcherIssues(t *testing.T) {
	v := inMemory(t)
	v.granted(v.Key("postman"))
	for _, key := range []crypto.Signer{v.Key("postman"), v.Key("owner")} {
		q := v.streaming(bodyOf(v.duty(1)))
		q.device = key
		v.refused(q, problemNotListed)
		v.refused(request{method: "GET", path: "/metrics", device: key}, problemNotListed)
	}
	all, err := v.store.Since(t.Context(), 0, 100)
	require.NoError(t, err)
	require.Len(t, all, 1)
}

// list returns the newest list of the post, as couriers take it.
func (v *town) list() credential.RevocationClaims {
	v.t.Helper()
	load, err := v.store.Outbox(v.t.Context(), v.Area)
	require.NoError(v.t, err)
	require.Len(v.t, load.Lists, 1)
	return must(credential.ParseRevocationList(load.Lists[0].Bytes)).Claims
}

func TestSubstituteTakesTheRound(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		first := v.lines(bodyOf(v.duty(1)))[0]
		q := request{method: "POST", path: "/v1/duties/" + v.duty(1).ID.String() + "/replace", device: v.Key("desk"),
			body: api.Replacement{Holder: issuertest.Public(v.Key("substitute"))}}
		second := ok[api.Issued](v, q)
		require.Equal(t, second, ok[api.Issued](v, q))
		require.Equal(t, []credential.Denial{{Tag: first.Tag.Value, Expires: v.duty(1).Expires}}, v.list().Denied)
		v.refused(request{method: "GET", path: "/v1/staff/round", device: v.Key("postman 1")}, problemNotOnDuty)
		round := ok[api.Round](v, request{method: "GET", path: "/v1/staff/round", device: v.Key("substitute")})
		require.Equal(t, []api.Bytes{second.Grant}, round.Grants)

		q.path = "/v1/duties/" + v.duty(9).ID.String() + "/replace"
		v.refused(q, problemUnknown)
	})
}

func TestParcelIsGrantedForOneUseAndDiverted(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		parcel := api.Parcel{
			ID: api.Of(ledger.DutyID{9}), Holder: issuertest.Public(v.Key("courier")), Lock: api.Of(v.LockID), Reference: api.Of(credential.Reference{7}),
			Expires: v.Now + 600, Action: api.Action(credential.ActionDeliver), Service: api.Service(credential.ServiceParcel),
		}
		q := request{method: "POST", path: "/v1/parcels", device: v.Key("desk"), body: parcel}
		got := ok[api.Issued](v, q)
		require.Equal(t, got, ok[api.Issued](v, q))
		u := must(credential.ParseGrant(got.Grant))
		require.EqualValues(t, 1, u.Claims.Scope[0].Uses.Count)
		parcel.Expires = v.Now + 2*ledger.MaxParcel
		v.refused(request{method: "POST", path: "/v1/parcels", device: v.Key("desk"), body: parcel}, problemInvalid)

		divert := request{method: "DELETE", path: "/v1/parcels/" + parcel.ID.String(), device: v.Key("desk")}
		v.done(divert)
		v.done(divert)
		require.Equal(t, got.Tag.Value, v.list().Denied[0].Tag)
		v.refused(q, problemSuperseded)
		divert.path = "/v1/parcels/" + api.Of(ledger.DutyID{8}).String()
		v.refused(divert, problemUnknown)
	})
}

func TestLostDeviceIsWithdrawnAndItsRoundsGiven(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		v.lines(bodyOf(v.duty(1)))
		kid := credential.KeyIDOf(issuertest.Public(v.Key("postman 1")))
		to := issuertest.Public(v.Key("new device"))
		q := request{method: "POST", path: "/v1/handsets/" + kid.String() + "/lost", device: v.Key("desk"), body: api.Loss{To: &to}}
		lost := ok[api.Lost](v, q)
		require.Len(t, lost.Given, 1)
		require.Empty(t, lost.Left)
		require.Len(t, v.list().Denied, 1)
		v.refused(request{method: "GET", path: "/v1/staff/round", device: v.Key("postman 1")}, problemNotOnDuty)
		ok[api.Round](v, request{method: "GET", path: "/v1/staff/round", device: v.Key("new device")})

		kid = credential.KeyIDOf(to)
		lost = ok[api.Lost](v, request{method: "POST", path: "/v1/handsets/" + kid.String() + "/lost", device: v.Key("desk"), body: api.Loss{}})
		require.Equal(t, []api.DutyID{lost.Left[0]}, lost.Left)
		require.Empty(t, lost.Given)
		require.Len(t, v.list().Denied, 2)
	})
}

func TestFullListDeniesByAgeAndGivesAgainWhatNobodyMeant(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		const many = 30
		for n := range many {
			v.lines(bodyOf(v.duty(n)))
			v.clock.pass(time.Second)
		}
		for n := range many - 1 {
			q := request{method: "POST", path: "/v1/handsets/" + credential.KeyIDOf(v.duty(n).Holder).String() + "/lost", device: v.Key("desk"), body: api.Loss{}}
			ok[api.Lost](v, q)
			v.clock.pass(time.Second)
			v.refused(request{method: "GET", path: "/v1/staff/round", device: v.Key(fmt.Sprint("postman ", n))}, problemNotOnDuty)
		}
		list := v.list()
		require.NotZero(t, list.Least)
		for n := range many - 1 {
			records, err := v.store.Find(t.Context(), []ledger.DutyID{v.duty(n).ID.Value})
			require.NoError(t, err)
			require.True(t, list.Denies(records[0].Tag, records[0].IssuedAt), n)
		}
		round := ok[api.Round](v, request{method: "GET", path: "/v1/staff/round", device: v.Key(fmt.Sprint("postman ", many-1))})
		require.Len(t, round.Grants, 1)
		u := must(credential.ParseGrant(round.Grants[0]))
		require.False(t, list.Denies(u.Tag(), u.Claims.IssuedAt))
	})
}

func TestPlacesAreNoted(t *testing.T) {
	onAll(t, func(t *testing.T, v *town) {
		far := credential.LockID{0xfe}
		v.done(request{method: "POST", path: "/v1/boxes", device: v.Key("desk"), body: api.Boxes{Boxes: []api.Box{{Lock: api.Of(far), Area: []byte("FR13001001")}}}})
		require.NoError(t, v.store.WantLog(t.Context(), far, true))
		v.refused(request{method: "POST", path: "/v1/boxes", device: v.Key("desk"), body: api.Boxes{Boxes: []api.Box{{Lock: api.Of(far), Area: nil}}}}, problemInvalid)
	})
}

func TestLongestGrantIsThatOfAnyCertificateThatCounts(t *testing.T) {
	for given, want := range map[time.Duration]time.Duration{0: 48 * time.Hour, time.Hour: 48 * time.Hour, 84 * time.Hour: 84 * time.Hour} {
		v := inMemory(t, func(c *Config) { c.Longest = given })
		require.Equal(t, want, v.service.publisher.Longest)
		require.Equal(t, want, v.service.rounds.Longest)
	}
}
