package demo

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/worldtest"
)

// TestTheClockMovesOnlyWhenThatIsKept, or it would go back with the next start.
func TestTheClockMovesOnlyWhenThatIsKept(t *testing.T) {
	folder := t.TempDir()
	s, err := Open(folder)
	require.NoError(t, err)
	full := filepath.Join(folder, "street.json.new") // stands in the way of what is written
	require.NoError(t, os.MkdirAll(filepath.Join(full, "x"), 0o700))
	status, _ := ask(counterOf(s), "POST", "/demo/clock", []byte(`{"hours":48}`))
	require.Equal(t, http.StatusInternalServerError, status)
	require.Zero(t, s.Clock.Ahead())
	require.NoError(t, os.RemoveAll(full))
	status, _ = ask(counterOf(s), "POST", "/demo/clock", []byte(`{"hours":1}`))
	require.Equal(t, http.StatusNoContent, status)
	require.Equal(t, time.Hour, s.Clock.Ahead())
}

// TestABoxAnswersForWhatIsKept: it tells nobody of what stands in no file, after the
// disk was full neither.
func TestABoxAnswersForWhatIsKept(t *testing.T) {
	folder := t.TempDir()
	s, err := Open(folder)
	require.NoError(t, err)
	b := s.Boxes[0]
	k, err := holder.NewKey(worldtest.Key("owner"))
	require.NoError(t, err)
	phone := &holder.Phone{Key: k, Roots: []credential.PublicKey{s.Scheme}, Makers: [][]byte{s.Maker.Authority().Bytes()}, Rand: worldtest.Rand("kept")}
	full := filepath.Join(folder, "box-1.flash.new")
	require.NoError(t, os.MkdirAll(filepath.Join(full, "x"), 0o700))
	field, err := b.Approach(0)
	require.NoError(t, err)
	_, _, err = phone.Commission(t.Context(), field, b.Setup)
	require.Error(t, err, "the disk is full")
	require.NoError(t, os.RemoveAll(full))
	field, err = b.Approach(0)
	require.NoError(t, err)
	_, err = field.Transceive(t.Context(), selects(t)) // nothing new is written
	require.NoError(t, err)
	vacant, err := b.Vacant()
	require.NoError(t, err)

	again, err := Open(folder) // the program was killed
	require.NoError(t, err)
	after, err := again.Boxes[0].Vacant()
	require.NoError(t, err)
	require.Equal(t, vacant, after)
	require.False(t, after)
}

// TestTheClockDoesNotRunOver what a duration can hold, which would be in the past.
func TestTheClockDoesNotRunOver(t *testing.T) {
	s, err := Open(t.TempDir())
	require.NoError(t, err)
	require.NoError(t, s.later(mostAhead))
	require.Error(t, s.later(time.Hour))
	require.Equal(t, mostAhead, s.Clock.Ahead())
}
