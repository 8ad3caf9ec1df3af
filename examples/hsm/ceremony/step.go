package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/hsm"
)

// step is one verb under way.
type step struct {
	verb   string
	flags  *flag.FlagSet
	args   []string
	stdin  io.Reader
	stdout io.Writer

	module, token, serial, pin, label string // of the key
	at, out, transcript               string
	files                             bool // whether files are named behind the flags

	now     credential.Time
	library *hsm.Library
	open    *hsm.Token
	key     *hsm.Key
	record  record
}

// patience is how long a token may take: it may want a button pressed.
const patience = time.Minute

// mostPIN is the length in bytes that a line with a PIN may have.
const mostPIN = 256

// withToken has the verb take the flags of a step with a token.
func (s *step) withToken() {
	s.flags.StringVar(&s.module, "module", "", "PKCS#11 module, a shared library")
	s.flags.StringVar(&s.token, "token", "", "label of the token")
	s.flags.StringVar(&s.serial, "serial", "", "serial number of the token, where several have the label")
	s.flags.StringVar(&s.pin, "pin", "", `file whose first line is the PIN; "-" for the standard input`)
	s.flags.StringVar(&s.label, "label", "", "label of the key")
	s.flags.StringVar(&s.out, "out", "", "file to write, which must not exist")
	s.withRecord()
}

// withRecord has the verb take the flags of a step that is written down.
func (s *step) withRecord() {
	s.flags.StringVar(&s.at, "at", "", "the time, from a clock in the room, as 2027-03-01T08:00:00Z")
	s.flags.StringVar(&s.transcript, "transcript", "", "file to which the transcript of this step is added")
}

// parseFlags reads the flags, of which some must be there.  A word that is no flag ends
// them, so that those behind it would go unread: only a verb that takes files has such.
func (s *step) parseFlags(must ...string) error {
	if err := s.flags.Parse(s.args); err != nil {
		return err
	}
	if s.flags.NArg() > 0 && !s.files {
		return fmt.Errorf("%s: %q is not a flag, nor the value of one", s.verb, s.flags.Arg(0))
	}
	for _, name := range must {
		if s.flags.Lookup(name).Value.String() == "" {
			return fmt.Errorf("%s: -%s is missing", s.verb, name)
		}
	}
	return nil
}

// parse reads the flags and the time.
func (s *step) parse(must ...string) error {
	if err := s.parseFlags(must...); err != nil {
		return err
	}
	at, err := time.Parse(time.RFC3339, s.at)
	if s.now = credential.At(at); err != nil || s.now == 0 {
		return fmt.Errorf("%s: -at: want a time such as 2027-03-01T08:00:00Z, not %q", s.verb, s.at)
	}
	return nil
}

// begin reads the flags and the time, and opens the token.  The caller ends with
// end.
func (s *step) begin() error {
	if err := s.parse("module", "token", "pin", "label", "at", "out", "transcript"); err != nil {
		return err
	}
	if _, err := os.Lstat(s.out); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s: -out: %s exists already, or cannot be looked at", s.verb, s.out)
	}
	pin, err := s.readPIN()
	if err != nil {
		return err
	}
	if err := s.record.begin(s.transcript, s.verb, s.now); err != nil {
		return err
	}
	if s.library, err = hsm.Load(s.module); err != nil {
		return err
	}
	s.open, err = hsm.Open(s.library, hsm.Config{
		Label: s.token, Serial: s.serial, PIN: func() (string, error) { return pin, nil }, Sessions: 1, Patience: patience,
	})
	if errors.Is(err, hsm.ErrSilent) {
		return err // see end
	}
	if err != nil {
		return errors.Join(err, s.library.Close())
	}
	return s.recordToken()
}

// recordToken writes down which token it is.
func (s *step) recordToken() error {
	serial, err := s.open.Serial()
	if err != nil {
		return errors.Join(err, s.end())
	}
	s.record.line("token", "%q, serial number %q", s.token, serial)
	return nil
}

// find finds the key, and writes down which it is.
func (s *step) find() (err error) {
	if s.key, err = s.open.Find(hsm.Name{Label: s.label}); err != nil {
		return err
	}
	return s.recordKey()
}

// recordKey writes down which key it is.
func (s *step) recordKey() error {
	public, err := credential.NewPublicKey(s.key.Public())
	if err != nil {
		return err
	}
	s.record.line("key", "%q, %v, key id %v", s.label, s.key.Kind(), credential.KeyIDOf(public))
	s.record.key("public key", public)
	return nil
}

// end closes the token.  A module with a call that hangs is left as it is: the
// process ends anyway.
func (s *step) end() error {
	err := s.open.Close()
	if err == nil {
		err = s.library.Close()
	}
	if err != nil {
		return fmt.Errorf("at the end of %s: closing the token: %w", s.verb, err)
	}
	return nil
}

// finish writes the result, adds the transcript and shows it.
func (s *step) finish(result []byte) error {
	s.record.line("written", "%q, %d bytes", s.out, len(result))
	s.record.print("file", fingerprint(result))
	if err := writeNew(s.out, result); err != nil {
		return err
	}
	if err := s.record.finish(s.transcript); err != nil {
		return fmt.Errorf("%w; %s was written all the same", err, s.out)
	}
	_, err := io.WriteString(s.stdout, s.record.text())
	return err
}

// readPIN reads the first line of the file.
func (s *step) readPIN() (string, error) {
	in := s.stdin
	if s.pin != "-" {
		f, err := os.Open(s.pin)
		if err != nil { // without the name, for which somebody may have taken the PIN itself
			return "", fmt.Errorf("-pin: the file cannot be opened: %w", errors.Unwrap(err))
		}
		defer func() { _ = f.Close() }() // it was only read
		in = f
	}
	line, err := bufio.NewReader(io.LimitReader(in, mostPIN)).ReadString('\n')
	pin := strings.TrimRight(line, "\r\n")
	if err != nil && !errors.Is(err, io.EOF) || pin == "" || len(line) == mostPIN {
		return "", errors.New("-pin: no PIN on the first line")
	}
	return pin, nil
}
