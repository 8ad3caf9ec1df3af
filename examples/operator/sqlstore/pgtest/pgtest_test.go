package pgtest

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// asOwner is the argument of a process of this test that starts a server, says where,
// and waits to be killed.
const asOwner = "owner-that-is-killed"

func TestMain(m *testing.M) {
	if len(os.Args) != 2 || os.Args[1] != asOwner {
		os.Exit(m.Run())
	}
	s, err := Start()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(s.folder)
	select {}
}

func TestServerEndsWithWhoStartedIt(t *testing.T) {
	if _, err := find(); errors.Is(err, ErrMissing) {
		t.Skip(err)
	}
	c := exec.Command(os.Args[0], asOwner)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	s := Server{folder: strings.TrimSpace(line)}
	db, err := pgx.Connect(t.Context(), s.Database(t))
	require.NoError(t, err)
	require.NoError(t, c.Process.Kill())
	require.Error(t, c.Wait())
	for err == nil {
		_, err = db.Exec(t.Context(), `SELECT 1`)
	}
	for {
		// The script behind the server cleans up last.
		if _, err := os.Stat(s.folder); err != nil {
			require.ErrorIs(t, err, os.ErrNotExist)
			return
		}
	}
}
