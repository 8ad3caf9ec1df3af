// Package pgtest starts a private PostgreSQL server for tests.
package pgtest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// ErrMissing says that the machine has no PostgreSQL.
var ErrMissing = errors.New("pgtest: no PostgreSQL on this machine: install it (Debian: apt-get install postgresql), or have initdb in the PATH")

// Server is a PostgreSQL server that listens on a socket in a folder of its own,
// and on no port.
type Server struct {
	folder    string
	programs  string   // folder of postgres and initdb
	as        []string // command that runs another as somebody who is not root
	arguments []string
	leash     io.Closer     // the server runs while it is open
	ended     chan struct{} // closed when the server ended
	databases atomic.Int64
}

// Start makes a server and starts it.  Settings are of the form "fsync=on"; by
// default nothing waits for the disk, so that tests are fast: what a
// killed server or client leaves is the same.  Whoever starts it stops it; it stops
// by itself where the program ends.
//
// Errors: ErrMissing.
func Start(settings ...string) (*Server, error) {
	programs, err := find()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		return nil, err
	}
	s := &Server{folder: folder, programs: programs}
	for _, setting := range slices.Concat([]string{"fsync=off", "full_page_writes=off", "listen_addresses=", "unix_socket_directories=" + folder,
		"max_connections=200", "autovacuum=off", "log_min_messages=fatal"}, settings) {
		s.arguments = append(s.arguments, "-c", setting)
	}
	err = s.initialise()
	if err == nil {
		err = s.Resume()
	}
	if err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// Stop stops the server and forgets what it had.
func (s *Server) Stop() error {
	return errors.Join(s.Kill(), os.RemoveAll(s.folder))
}

// find returns the folder of the server's programs: the newest that there is.
func find() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		path, err = filepath.EvalSymlinks(path)
		return filepath.Dir(path), err
	}
	all, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(all) == 0 {
		return "", errors.Join(ErrMissing, err)
	}
	number := func(path string) int {
		n, _ := strconv.Atoi(strings.Split(path, "/")[4])
		return n
	}
	return filepath.Dir(slices.MaxFunc(all, func(a, b string) int { return number(a) - number(b) })), nil
}

// initialise makes the server's data.  PostgreSQL refuses to run as root; then the
// user postgres, whom the package makes, runs it.
func (s *Server) initialise() error {
	if os.Geteuid() == 0 {
		u, err := user.Lookup("postgres")
		if err != nil {
			return fmt.Errorf("pgtest: as root there must be a user postgres: %w", err)
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		if err := os.Chown(s.folder, uid, gid); err != nil {
			return err
		}
		s.as = []string{"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"}
	}
	c := s.command("initdb", "-D", filepath.Join(s.folder, "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("pgtest: initdb: %w: %s", err, out)
	}
	return nil
}

// command returns a command that runs one of the server's programs.
func (s *Server) command(name string, arguments ...string) *exec.Cmd {
	all := slices.Concat(s.as, []string{filepath.Join(s.programs, name)}, arguments)
	c := exec.Command(all[0], all[1:]...)
	c.Dir = s.folder
	return c
}
