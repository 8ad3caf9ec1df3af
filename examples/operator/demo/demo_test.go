package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/worldtest"
)

// counterOf returns the street's paths, with visitors who do not come.
func counterOf(s *Street) http.Handler {
	nobody := func(context.Context) (Walk, error) { return Walk{}, errors.New("nobody comes") }
	return (&counter{Street: s, postman: nobody, courier: nobody, fields: map[string]*Field{}}).routes()
}

// ask asks for something, and returns the status and what was answered.
func ask(h http.Handler, method, path string, body []byte) (int, string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, bytes.NewReader(body)))
	return w.Code, w.Body.String()
}

// tapOf begins a tap, and returns its path.
func tapOf(t *testing.T, h http.Handler, b *Box) string {
	t.Helper()
	path := "/demo/boxes/" + b.ID.String() + "/tap"
	status, told := ask(h, "POST", path, nil)
	require.Equal(t, http.StatusOK, status)
	var answer struct{ Session string }
	require.NoError(t, json.Unmarshal([]byte(told), &answer))
	return path + "/" + answer.Session
}

// selects is the command SELECT.
func selects(t *testing.T) []byte {
	t.Helper()
	b, err := apdu.Select([]byte("\xf0POSTERN\x01")).Bytes()
	require.NoError(t, err)
	return b
}

func TestAnotherPhoneEndsATap(t *testing.T) {
	s, err := Open(t.TempDir())
	require.NoError(t, err)
	h := counterOf(s)
	first := tapOf(t, h, s.Boxes[0])
	status, _ := ask(h, "POST", first, selects(t))
	require.Equal(t, http.StatusOK, status)
	elsewhere := tapOf(t, h, s.Boxes[1])
	status, _ = ask(h, "POST", first, selects(t))
	require.Equal(t, http.StatusOK, status, "another box is another field")
	second := tapOf(t, h, s.Boxes[0])
	status, _ = ask(h, "POST", first, selects(t))
	require.Equal(t, http.StatusNoContent, status)
	for _, path := range []string{second, elsewhere} {
		status, _ = ask(h, "DELETE", path, nil)
		require.Equal(t, http.StatusNoContent, status)
		status, _ = ask(h, "POST", path, selects(t))
		require.Equal(t, http.StatusNoContent, status, "it has left")
	}
}

func TestAShakyHandLosesTheField(t *testing.T) {
	s, err := Open(t.TempDir())
	require.NoError(t, err)
	h := counterOf(s)
	status, _ := ask(h, "POST", "/demo/hand", []byte(`{"commands":2}`))
	require.Equal(t, http.StatusNoContent, status)
	path := tapOf(t, h, s.Boxes[0])
	for _, want := range []int{http.StatusOK, http.StatusNoContent, http.StatusNoContent} {
		status, _ = ask(h, "POST", path, selects(t))
		require.Equal(t, want, status)
	}
	path = tapOf(t, h, s.Boxes[0])
	for range 5 {
		status, _ = ask(h, "POST", path, selects(t))
		require.Equal(t, http.StatusOK, status, "the next one is held still")
	}
}

func TestTheStreetRefuses(t *testing.T) {
	s, err := Open(t.TempDir())
	require.NoError(t, err)
	h := counterOf(s)
	box := "/demo/boxes/" + s.Boxes[0].ID.String()
	for _, c := range []struct {
		name, method, path, body string
		status                   int
	}{
		{"an unknown box", "POST", "/demo/boxes/0000000000000000/tap", "", http.StatusNotFound},
		{"no box", "POST", "/demo/boxes/x/tap", "", http.StatusNotFound},
		{"an unknown tap", "POST", box + "/tap/AAAA", "", http.StatusNoContent},
		{"the clock going back", "POST", "/demo/clock", `{"hours":-1}`, http.StatusBadRequest},
		{"a year at once", "POST", "/demo/clock", `{"hours":9000}`, http.StatusBadRequest},
		{"no hours", "POST", "/demo/clock", `{}`, http.StatusBadRequest},
		{"another field", "POST", "/demo/clock", `{"hours":1,"minutes":2}`, http.StatusBadRequest},
		{"no JSON", "POST", "/demo/hand", `two`, http.StatusBadRequest},
		{"a visitor who does not come", "POST", "/demo/postman", "", http.StatusBadGateway},
		{"a path of nobody's", "GET", "/demo/", "", http.StatusNotFound},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, _ := ask(h, c.method, c.path, []byte(c.body))
			require.Equal(t, c.status, status)
		})
	}
	status, told := ask(h, "POST", tapOf(t, h, s.Boxes[0]), bytes.Repeat([]byte{0}, maxCommand+1))
	require.Equal(t, http.StatusRequestEntityTooLarge, status, told)
}

// TestTheStreetStays keeps the boxes, who owns them, and how late it is.
func TestTheStreetStays(t *testing.T) {
	folder := t.TempDir()
	s, err := Open(folder)
	require.NoError(t, err)
	b := s.Boxes[0]
	k, err := holder.NewKey(worldtest.Key("owner"))
	require.NoError(t, err)
	phone := &holder.Phone{Key: k, Roots: []credential.PublicKey{s.Scheme}, Makers: [][]byte{s.Maker.Authority().Bytes()}, Rand: worldtest.Rand("street")}
	field, err := b.Approach(0)
	require.NoError(t, err)
	_, r, err := phone.Commission(t.Context(), field, b.Setup)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeDone, r.Outcome)
	status, _ := ask(counterOf(s), "POST", "/demo/clock", []byte(`{"hours":48}`))
	require.Equal(t, http.StatusNoContent, status)

	again, err := Open(folder)
	require.NoError(t, err)
	require.Equal(t, s.Scheme, again.Scheme)
	require.Equal(t, 48*time.Hour, again.Clock.Ahead())
	vacant, err := again.Boxes[0].Vacant()
	require.NoError(t, err)
	require.False(t, vacant)
	field, err = again.Boxes[0].Approach(0)
	require.NoError(t, err)
	r, err = phone.Open(t.Context(), field, credential.OperationOpen)
	require.NoError(t, err)
	require.Equal(t, credential.OutcomeOpened, r.Outcome)
}

func TestASpoiltFolderIsTold(t *testing.T) {
	for _, name := range []string{"street.json", "box-2.flash"} {
		folder := t.TempDir()
		_, err := Open(folder)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte("spoilt"), 0o600))
		_, err = Open(folder)
		require.ErrorContains(t, err, "remove the folder to begin anew", name)
	}
	file := filepath.Join(t.TempDir(), "a file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := Open(file)
	require.Error(t, err)
	require.True(t, strings.Contains(err.Error(), "a file"))
}
