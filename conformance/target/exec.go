package target

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/postern-lock/postern/conformance/shim"
)

// farewell is how long a child may take to end when its input has ended.
const farewell = 2 * time.Second

// maxComplaint is how much of a child's standard error is kept, in bytes.
const maxComplaint = 2048

// Exec starts a program that speaks the protocol of package shim, and greets it.
// The error is a *shim.Fault.
func Exec(ctx context.Context, o shim.Options, name string, args ...string) (shim.Device, error) {
	c := exec.CommandContext(ctx, name, args...)
	child := &child{command: c, ended: make(chan struct{})}
	c.Stderr = &child.complaints
	c.WaitDelay = farewell
	in, err := c.StdinPipe()
	if err != nil {
		return nil, fault(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, fault(err)
	}
	if err := c.Start(); err != nil {
		return nil, fault(err)
	}
	child.input = in
	o.Ended, o.Said, o.Close = child.how, child.said, child.close
	client, err := shim.NewClient(ctx, out, in, o)
	if err != nil {
		child.kill()
		return nil, err
	}
	return client, nil
}

// fault is the fault of a program that cannot be started.
func fault(err error) error {
	return &shim.Fault{Kind: shim.Died, Detail: "it does not start: " + err.Error()}
}

// child is a running shim.
type child struct {
	command    *exec.Cmd
	input      interface{ Close() error }
	complaints tail
	once       sync.Once
	ended      chan struct{}
	err        error
}

// wait waits for the end of the program, at most the time.
func (c *child) wait(most time.Duration) bool {
	c.once.Do(func() {
		go func() {
			c.err = c.command.Wait()
			close(c.ended)
		}()
	})
	select {
	case <-c.ended:
		return true
	case <-time.After(most):
		return false
	}
}

// kill ends the program.
func (c *child) kill() {
	_ = c.command.Process.Kill() // it may have ended by itself
	c.wait(farewell)
}

// said returns the end of what the program has complained of, once what it wrote
// before its last answer is here.
func (c *child) said() string {
	time.Sleep(50 * time.Millisecond)
	return c.complaints.String()
}

// how tells how the program ended, whose output has ended.
func (c *child) how() string {
	how := "it closed its output and goes on"
	if c.wait(time.Second) {
		how = c.command.ProcessState.String()
	}
	if said := c.complaints.String(); said != "" {
		how += "; it said: " + said
	}
	return how
}

// close ends the program in a friendly way, and says where that does not help; a
// broken one it kills.
func (c *child) close(broken bool) error {
	_ = c.input.Close() // the pipe may be broken already
	if broken {
		c.kill()
		return nil
	}
	if !c.wait(farewell) {
		c.kill()
		return &shim.Fault{Kind: shim.Silent, Detail: fmt.Sprintf("it did not exit within %v of the end of its input", farewell)}
	}
	if _, failed := errors.AsType[*exec.ExitError](c.err); failed {
		return &shim.Fault{Kind: shim.Died, Detail: "at the end: " + c.how()}
	}
	return nil
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

// Write never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	if n := len(t.kept) - maxComplaint; n > 0 {
		t.kept = append([]byte(nil), t.kept[n:]...)
	}
	return len(p), nil
}

// String returns the end of the text, made fit for a terminal.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		if r < ' ' || r == 0x7F {
			return -1
		}
		return r
	}, string(t.kept)))
}
