package main

import (
	"flag"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/examples/operator/page"
)

func TestTheStreetListensOnThisMachineAlone(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.com:0"} {
		_, err := openWith(t.Context(), options{address: address, folder: t.TempDir()}, page.Phone{})
		require.ErrorIs(t, err, errLoopback, address)
	}
}

// TestAnotherSitesPageIsRefused, and a name that was made to point to this machine.
func TestAnotherSitesPageIsRefused(t *testing.T) {
	t.Parallel()
	o := newTown(t, t.TempDir(), page.Phone{})
	send := func(alter func(*http.Request)) int {
		r, err := http.NewRequest("POST", o.page+"demo/clock", strings.NewReader(`{"hours":1}`))
		require.NoError(t, err)
		alter(r)
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer answer.Body.Close()
		return answer.StatusCode
	}
	require.Equal(t, http.StatusNoContent, send(func(*http.Request) {}))
	require.Equal(t, http.StatusMisdirectedRequest, send(func(r *http.Request) { r.Host = "evil.example" }))
	require.Equal(t, http.StatusForbidden, send(func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }))
	require.Equal(t, http.StatusForbidden, send(func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }))
}

// TestAnotherSitesPageCannotTakeAnAnswerIn: the street's secrets are not to be in
// the process of another site's page.
func TestAnotherSitesPageCannotTakeAnAnswerIn(t *testing.T) {
	t.Parallel()
	o := newTown(t, t.TempDir(), page.Phone{})
	for _, path := range []string{"demo/street", "healthz", "config.json"} {
		answer, err := http.Get(o.page + path)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, "same-origin", answer.Header.Get("Cross-Origin-Resource-Policy"), path)
		require.Equal(t, "nosniff", answer.Header.Get("X-Content-Type-Options"), path)
		require.Empty(t, answer.Header.Get("Access-Control-Allow-Origin"))
	}
}

// TestEverythingStays when the program ends and begins again.
func TestEverythingStays(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	o := newTown(t, folder, page.Phone{})
	owner, lock := movedIn(o)
	owner.does("block", box(lock, "services", true))
	o.stop()

	o = newTown(t, folder, page.Phone{})
	owner.config.Service = strings.TrimSuffix(o.page, "/")
	owner.config.Hold = o.person().config.Hold
	owner.restart()
	visit := o.postman()
	require.Equal(t, "blocked", visit.Reason, "the policy was in the ledger")
	require.Equal(t, 1, visit.Brought)
	require.Equal(t, "opened", owner.does("open", box(lock)).Result.Outcome)
}

// TestAWrongSecretIsTold with what to do.
func TestAWrongSecretIsTold(t *testing.T) {
	t.Parallel()
	o := newTown(t, t.TempDir(), page.Phone{})
	came := o.person().tells("takeOver", map[string]any{"lock": o.street.Boxes[0].ID.String(), "secret": strings.Repeat("0", 32), "name": "Door"})
	require.Equal(t, uint8(holder.AdviceSecret), came.Advice, came.Error)
	require.Empty(t, came.State.Boxes)
}

func TestACommandLineThatIsNoneIsTold(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, args := range [][]string{{"start"}, {"rehearse"}, {"rehearse", "-help"}, {"-data", t.TempDir(), "now"}, {"-colour", "blue"}} {
		var out, errs strings.Builder
		require.Error(t, run(t.Context(), args, &out, &errs), args)
	}
	var out, errs strings.Builder
	require.ErrorIs(t, run(t.Context(), []string{"-help"}, &out, &errs), flag.ErrHelp)
	for _, told := range []string{"-store", "operator serve", "operator rehearse FOLDER"} {
		require.Contains(t, errs.String(), told)
	}
}

func TestAWrongAddressIsToldBeforeTheBuild(t *testing.T) {
	taken, err := loopback("127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	for address, told := range map[string]string{"8420": "missing port", "0.0.0.0:0": "this machine alone", taken.Addr().String(): "listen tcp"} {
		var out, errs strings.Builder
		err := run(t.Context(), []string{"-data", t.TempDir(), "-listen", address}, &out, &errs)
		require.ErrorContains(t, err, told)
		require.ErrorContains(t, err, "with -listen")
		require.Empty(t, out.String())
	}
}
