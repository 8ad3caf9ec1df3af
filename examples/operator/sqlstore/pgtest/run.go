package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// patience is how long a server may take to start.
const patience = time.Minute

// leashed is a shell script that runs a command until its file 3 ends, which is when
// whoever has the other end closes it or dies.  Then it removes the folder that it is
// named after, unless that is to be kept.
const leashed = `"$@" 3<&- & server=$!; (read -r _; kill -QUIT $server) <&3 & leash=$!
wait $server; kill $leash 2>/dev/null; [ -e "$0/` + keep + `" ] || rm -rf "$0"`

// keep is a file that says that the server will be resumed.
const keep = "keep"

// Resume starts the server again after Kill, on what it had.
func (s *Server) Resume() error {
	inner := s.command("postgres", slices.Concat([]string{"-D", filepath.Join(s.folder, "data")}, s.arguments)...)
	c := exec.Command("sh", slices.Concat([]string{"-c", leashed, s.folder}, inner.Args)...)
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	log := new(bytes.Buffer)
	c.Dir, c.ExtraFiles, c.Stdout, c.Stderr = s.folder, []*os.File{r}, log, log
	err = errors.Join(c.Start(), r.Close())
	if err != nil {
		return errors.Join(err, w.Close())
	}
	s.leash, s.ended = w, make(chan struct{})
	_ = os.Remove(filepath.Join(s.folder, keep)) // there only after Kill
	go func() {
		defer close(s.ended)
		_ = c.Wait() // a server that is killed has no good end
	}()
	if err := s.await(); err != nil {
		return fmt.Errorf("pgtest: the server does not start: %w: %s", errors.Join(err, s.Kill()), log)
	}
	return nil
}

// await waits until the server answers.
func (s *Server) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		c, err := pgx.Connect(ctx, s.dsn("public"))
		if err == nil {
			return c.Close(ctx)
		}
		select {
		case <-s.ended:
			return err
		case <-ctx.Done():
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Kill stops the server as a loss of power does to its programs: all at once,
// in the middle of whatever they do.
func (s *Server) Kill() error {
	if s.leash == nil {
		return nil
	}
	err := errors.Join(os.WriteFile(filepath.Join(s.folder, keep), nil, 0o600), s.leash.Close())
	s.leash = nil
	<-s.ended
	return err
}

// dsn returns the address of the server's one database; what is made there without
// another name is in the schema.
func (s *Server) dsn(schema string) string {
	q := url.Values{"host": {s.folder}, "search_path": {schema}}
	return (&url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/postgres", RawQuery: q.Encode()}).String()
}

// Database returns the address of an empty database for the test: a schema of its
// own, which takes a tenth of the time that a database does.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	schema := fmt.Sprintf("test%d", s.databases.Add(1))
	c, err := pgx.Connect(t.Context(), s.dsn("public"))
	if err == nil {
		_, err = c.Exec(t.Context(), `CREATE SCHEMA `+schema)
		err = errors.Join(err, c.Close(t.Context()))
	}
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return s.dsn(schema)
}
