package vectortest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/lock"
	"github.com/postern-lock/postern/spec/vectors"
)

// readAPDU has a lock with an owner for the tests of kind "lock".
func readAPDU(t *testing.T) {
	config := worldtest.New(t).Config
	checks := map[string]func(vectors.APDUParams, vectors.APDUTest) error{
		"command": checkCommand,
		"link":    checkLink,
		"lock":    func(p vectors.APDUParams, test vectors.APDUTest) error { return checkLock(config, p, test) },
	}
	area[vectors.APDUParams, vectors.APDUTest]{
		name: "apdu",
		check: func(p vectors.APDUParams, test vectors.APDUTest) error {
			check, ok := checks[p.Kind]
			if !ok {
				return fmt.Errorf("kind %q is unknown", p.Kind)
			}
			return check(p, test)
		},
		common: (*vectors.APDUTest).Common,
		flips:  24,
		// Nobody reads the data of a chain that SELECT drops.  Short commands are
		// the same to either lock; the groups with extended ones notice it.
		unread: func(path string, flags []string) bool {
			return path == "steps.command" && slices.Contains(flags, "dropped") || path == "params.extended"
		},
	}.run(t)
}

func checkCommand(params vectors.APDUParams, test vectors.APDUTest) error {
	c, err := apdu.ParseCommand(test.Command)
	var reason string
	if err != nil || apdu.IsExtended(test.Command) && !params.Extended {
		reason = "wrong-length"
	}
	if err := verdict(test.Test, reason); err != nil || reason != "" {
		return err
	}
	data := vectors.Hex(append([]byte{}, c.Data...))
	fields := vectors.APDUFields{
		CLA: vectors.Hex{c.CLA}, INS: vectors.Hex{c.INS}, P1: vectors.Hex{c.P1}, P2: vectors.Hex{c.P2}, Data: data, Ne: c.Ne,
	}
	if test.Fields == nil || !reflect.DeepEqual(fields, *test.Fields) {
		return fmt.Errorf("read as %+v", fields)
	}
	return nil
}

// application is what stands behind the link in tests of kind "link".
type application struct {
	step  vectors.APDUStep
	asked bool  // in this step
	ended bool  // in this step
	err   error // what differed
}

func (a *application) Reset() { a.ended = true }

func (a *application) Handle(c apdu.Command) apdu.Response {
	a.asked = true
	want := a.step.Carried
	if want == nil {
		a.err = fmt.Errorf("carried %+v", c)
		return apdu.Response{SW: apdu.StatusFailure}
	}
	got := [][]byte{{c.CLA}, {c.INS}, {c.P1}, {c.P2}, c.Data}
	for i, field := range []vectors.Hex{want.CLA, want.INS, want.P1, want.P2, want.Data} {
		if !bytes.Equal(got[i], field) {
			a.err = fmt.Errorf("carried %+v", c)
		}
	}
	r, err := apdu.ParseResponse(want.Answer)
	if err != nil {
		a.err = err
	}
	return r
}

func checkLink(params vectors.APDUParams, test vectors.APDUTest) error {
	app := &application{}
	card := apdu.NewCard(app, apdu.CardConfig{Extended: params.Extended})
	reason := ""
	for i, step := range test.Steps {
		*app = application{step: step}
		response := card.Process(step.Command)
		c, err := apdu.ParseCommand(step.Command)
		switch {
		case app.err != nil:
			return fmt.Errorf("step %d: %w", i, app.err)
		case (err == nil) != (step.Ne != nil) && reasonOfStatus(response) != "wrong-length":
			return fmt.Errorf("step %d: read as a command: %v", i, err == nil)
		case err == nil && step.Ne != nil && c.Ne != *step.Ne:
			return fmt.Errorf("step %d: Ne is %d", i, c.Ne)
		case app.asked != (step.Carried != nil):
			return fmt.Errorf("step %d: carried: %v", i, app.asked)
		case app.ended != step.Ends:
			return fmt.Errorf("step %d: ended: %v", i, app.ended)
		case !bytes.Equal(response, step.Response):
			return fmt.Errorf("step %d: answered %x", i, response)
		}
		if reason == "" {
			reason = reasonOfStatus(response)
		}
	}
	return verdict(test.Test, reason)
}

// reasonOfStatus names the status word at the end of an answer, or "" where it
// refuses nothing.
func reasonOfStatus(response []byte) string {
	status := apdu.Status(binary.BigEndian.Uint16(response[len(response)-2:]))
	if status.IsOK() || status.More() > 0 {
		return ""
	}
	return wire.StatusName(int64(status))
}

// checkLock powers the lock up for each test.
func checkLock(config lock.Config, params vectors.APDUParams, test vectors.APDUTest) error {
	config.ExtendedLength = params.Extended
	l, err := lock.New(config)
	if err != nil {
		return err
	}
	reason := ""
	for i, step := range test.Steps {
		response := l.Process(step.Command)
		if status := response[len(response)-2:]; !bytes.Equal(status, step.Status) {
			return fmt.Errorf("step %d: answered %x", i, status)
		}
		if reason == "" {
			reason = reasonOfStatus(response)
		}
	}
	return verdict(test.Test, reason)
}
