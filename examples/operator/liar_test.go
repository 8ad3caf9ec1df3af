package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/examples/operator/client"
	"github.com/postern-lock/postern/examples/operator/page"
	"github.com/postern-lock/postern/issuer"
)

// silent is a service that takes every request and answers none.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// TestASilentServiceKeepsNobodyOut from his own box, and does not stop the phone.
func TestASilentServiceKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	o := newTown(t, t.TempDir(), page.Phone{})
	owner, lock := movedIn(o)
	owner.config.HTTP = &http.Client{Transport: silent{}}
	owner.restart()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		require.Equal(t, "opened", owner.does("open", box(lock)).Result.Outcome)
		require.LessOrEqual(t, time.Since(begin), 5*time.Second, "somebody stands before the box")
		require.Equal(t, []string{"block"}, owner.does("block", box(lock, "services", true)).State.Boxes[0].Underway)
		begin = time.Now()
		require.Empty(t, owner.does("tap", box(lock)).State.Boxes[0].Underway)
		require.LessOrEqual(t, time.Since(begin), 10*time.Second, "nor does what the box says need the service")
		require.True(t, owner.tells("fetch", box(lock)).Network)
		owner.restart()
		require.Empty(t, owner.does("state", nil).Error)
		require.LessOrEqual(t, time.Since(begin), time.Minute)
	})
}

// flooding is a service that has too many documents for the owner's phone.
type flooding struct{ answer []byte }

func (f flooding) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/documents") {
		return http.DefaultTransport.RoundTrip(r)
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(f.answer)), Request: r}, nil
}

// TestAServiceThatFloodsKeepsNobodyOut: a tap carries so many documents only, and what
// came first must not take the place of what the owner wants.
func TestAServiceThatFloodsKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	o := newTown(t, t.TempDir(), page.Phone{})
	owner, lock := movedIn(o)
	clock, err := issuer.NewTimeSource(o.street.PostKey, o.street.Post.Authority())
	require.NoError(t, err)
	var flood api.Documents
	for n := range 400 {
		token, err := clock.State(credential.At(o.street.Clock.Now())+credential.Time(n), 0)
		require.NoError(t, err)
		flood.Documents = append(flood.Documents, token)
	}
	flood.Authorities = []api.Bytes{o.street.Post.Authority().Bytes()}
	answer, err := json.Marshal(flood)
	require.NoError(t, err)
	owner.config.HTTP = &http.Client{Transport: flooding{answer}}
	owner.restart()
	require.Equal(t, "opened", owner.does("open", box(lock)).Result.Outcome)
}

// TestAFormerOwnerCannotKeepTheNextOnesPoliciesBack by one of a high version, which
// he leaves after the lock has changed hands and before the next owner registers.
func TestAFormerOwnerCannotKeepTheNextOnesPoliciesBack(t *testing.T) {
	t.Parallel()
	o := newTown(t, t.TempDir(), page.Phone{})
	_, secret, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	seller, buyer := o.person(), o.person()
	seller.config.Key, err = holder.NewKey(secret)
	require.NoError(t, err)
	seller.restart()
	b := o.street.Boxes[0]
	lock := seller.does("takeOver", map[string]any{"lock": b.ID.String(), "secret": hex.EncodeToString(b.Setup[:]), "name": "Door"}).Lock
	seller.does("transfer", box(lock, "to", buyer.does("state", nil).State.Request))
	link := transferOf(t, seller)
	require.Equal(t, 1, o.postman().Brought)

	spiteful, err := issuer.NewOwner(secret)
	require.NoError(t, err)
	service := client.NewOwner(o.page, http.DefaultClient, seller.config.Key, b.ID, o.street.Clock.Now, rand.Reader)
	var refused *api.Problem
	for version := uint32(1024 + 16); ; version-- { // the highest that the service takes
		policy, err := spiteful.Policy(credential.PolicyClaims{Lock: b.ID, Version: version, IssuedAt: credential.At(o.street.Clock.Now())})
		require.NoError(t, err)
		if _, err = service.Post(t.Context(), policy); !errors.As(err, &refused) {
			require.NoError(t, err)
			break
		}
		o.post("demo/clock", map[string]int{"hours": 1}, nil) // he may not ask too often
	}

	buyer.does("accept", map[string]any{"link": link, "name": "New home"})
	held := buyer.does("block", box(lock, "services", true)).State.Boxes[0]
	require.False(t, held.Posted)
	require.True(t, held.Outdone, "the page says so")
	healed := buyer.does("heal", box(lock)).State.Boxes[0]
	require.True(t, healed.Posted)
	require.False(t, healed.Outdone)
	require.Equal(t, "blocked", o.postman().Reason)
}

// TestAPassOfAStrangerTakesNoOthersPlace, until the box has opened by it.
func TestAPassOfAStrangerTakesNoOthersPlace(t *testing.T) {
	t.Parallel()
	o := newTown(t, t.TempDir(), page.Phone{})
	owner, lock := movedIn(o)
	guest := o.person()
	request := guest.does("state", nil).State.Request
	invited := owner.does("invite", box(lock, "name", "Anna", "request", request, "days", 31))
	good := guest.does("takePass", map[string]any{"pass": o.page + invited.Pass.Link}).State.Passes[0].ID

	_, key, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	stranger, err := issuer.NewOwner(key)
	require.NoError(t, err)
	to, err := credential.ParseRequestLink(request)
	require.NoError(t, err)
	now := credential.At(o.street.Clock.Now())
	grant, err := stranger.Grant(credential.GrantClaims{
		Holder: to, IssuedAt: now, Expires: now + 3600,
		Scope: []credential.Entry{{Target: credential.LockTarget(o.street.Boxes[0].ID), Actions: credential.ActionOpen}},
	})
	require.NoError(t, err)
	link, err := credential.Pass{Chain: [][]byte{grant}}.Link()
	require.NoError(t, err)
	passes := guest.does("takePass", map[string]any{"pass": link}).State.Passes
	require.Len(t, passes, 2)
	require.NotEmpty(t, guest.tells("openPass", map[string]any{"id": passes[1].ID}).Error)
	opened := guest.does("openPass", map[string]any{"id": good})
	require.Equal(t, "opened", opened.Result.Outcome)
	require.Len(t, opened.State.Passes, 1, "the other one goes")
}
