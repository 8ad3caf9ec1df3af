package shim

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/postern-lock/postern/conformance/strict"
)

// Options are those of a Client.  The zero value will do.
type Options struct {
	Role     Role          // asked for; empty takes any
	Control  bool          // beside a link: the verbs power and transceive may be lacking
	Patience time.Duration // for one answer; 0 is 10 seconds
	// Ended, where it is not nil, tells for people how a program ended whose
	// output has ended.
	Ended func() string
	// Said, where it is not nil, tells what the program has complained of so far.
	Said func() string
	// Close, where it is not nil, is called by Client.Close, and told whether the
	// shim had a fault, so that it is not worth to wait for it.
	Close func(broken bool) error
}

// Client is the suite's end of the lines to a shim: a Device.
type Client struct {
	w       io.Writer
	lines   <-chan line
	o       Options
	hello   Hello
	sent    uint64 // id of the last request
	read    int    // lines read
	asked   []byte // last request
	pending *line  // read and not yet looked at
	fault   *Fault // ended everything
}

// line is one line of the shim, or why there is none.
type line struct {
	data []byte
	err  error
}

// errLong says that a line does not end.
var errLong = errors.New("line too long")

// NewClient greets the shim that reads from w and writes to r.  The error is a
// *Fault.  The reader is read until it ends.
func NewClient(ctx context.Context, r io.Reader, w io.Writer, o Options) (*Client, error) {
	if o.Patience == 0 {
		o.Patience = 10 * time.Second
	}
	lines := make(chan line, 1)
	go readLines(r, lines)
	c := &Client{w: w, lines: lines, o: o}
	reply, err := c.exchange(ctx, "hello", struct {
		Protocol int `json:"protocol"`
	}{Protocol}, new(Hello), nil)
	if err != nil {
		return nil, err
	}
	c.hello = *reply.(*Hello)
	if err := c.hello.check(); err != nil {
		return nil, c.broken(BadHello, err.Error())
	}
	if err := c.hello.whole(o.Control); err != nil {
		return nil, c.broken(BadHello, err.Error())
	}
	if o.Role != "" && c.hello.Role != o.Role {
		return nil, c.broken(BadHello, fmt.Sprintf("role %s, where %s is wanted", c.hello.Role, o.Role))
	}
	return c, nil
}

// readLines sends the lines of r.  It waits with the next one until the last
// was taken, so that a flood fills no memory.
func readLines(r io.Reader, lines chan<- line) {
	defer close(lines)
	b := bufio.NewReaderSize(r, MaxLine)
	for {
		data, err := b.ReadSlice('\n')
		switch {
		case err == nil:
			lines <- line{data: append([]byte(nil), data[:len(data)-1]...)}
			continue
		case errors.Is(err, bufio.ErrBufferFull):
			lines <- line{data: append([]byte(nil), data...), err: errLong}
		case len(data) > 0:
			lines <- line{data: append([]byte(nil), data...), err: io.ErrUnexpectedEOF}
		}
		return
	}
}

// Hello returns what the shim said of itself.
func (c *Client) Hello() Hello { return c.hello }

// Do carries out a request over the lines.
func (c *Client) Do(ctx context.Context, r Request) (any, error) {
	if !c.hello.Has(r.Verb()) {
		return nil, fmt.Errorf("%w: %s", ErrUnsupported, r.Verb())
	}
	answer, err := c.exchange(ctx, r.Verb(), r, r.reply(), r)
	if err != nil {
		return nil, err
	}
	if k, ok := answer.(checker); ok {
		if err := k.check(); err != nil {
			return nil, c.broken(Nonsense, err.Error())
		}
	}
	return answer, nil
}

// Close looks for lines that nobody asked for, and lets the shim go.
func (c *Client) Close() error {
	err := c.idle()
	if c.fault != nil {
		err = c.fault
	}
	if c.o.Close != nil {
		if e := c.o.Close(c.fault != nil); err == nil {
			err = e
		}
	}
	return err
}

// broken ends everything with a fault of the line that was read last.
func (c *Client) broken(k Kind, detail string) error {
	c.fault = &Fault{Kind: k, Detail: detail, Number: c.read}
	if c.pending != nil {
		c.fault.Line = clip(c.pending.data)
	}
	return c.fault
}

// gone ends everything with a fault for want of a line.
func (c *Client) gone(k Kind, detail string) error {
	c.fault = &Fault{Kind: k, Detail: detail, Line: clip(c.asked)}
	return c.fault
}

// idle checks that the shim has said nothing unasked.
func (c *Client) idle() error {
	if c.fault != nil {
		return c.fault
	}
	select {
	case l, ok := <-c.lines:
		if !ok {
			return nil // it is noticed with the next answer
		}
		c.read++
		c.pending = &l
		return c.broken(Unasked, "a line that answers nothing")
	default:
		return nil
	}
}

// send writes a line with the id, the verb if there is one, and the members of
// body.
func (c *Client) send(id uint64, verb Verb, body any) error {
	members, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("shim: %w", err)
	}
	b := fmt.Appendf(nil, `{"id":%d`, id)
	if verb != "" {
		b = fmt.Appendf(b, `,"verb":%q`, verb)
	}
	if len(members) > 2 {
		b = append(append(b, ','), members[1:len(members)-1]...)
	}
	b = append(b, '}')
	if len(b) >= MaxLine {
		return fmt.Errorf("shim: a request of %d bytes is longer than a line", len(b))
	}
	c.asked = b
	if w, ok := c.w.(interface{ SetWriteDeadline(time.Time) error }); ok {
		_ = w.SetWriteDeadline(time.Now().Add(c.o.Patience)) // a pipe that has none blocks no longer than its shim lives
	}
	if _, err := c.w.Write(append(b, '\n')); err != nil {
		return c.gone(Died, "it takes no more lines: "+c.ended(err.Error()))
	}
	return nil
}

// said tells what the program has complained of.
func (c *Client) said() string {
	if c.o.Said == nil {
		return ""
	}
	if s := c.o.Said(); s != "" {
		return "; it said: " + s
	}
	return ""
}

// ended tells how the program ended.
func (c *Client) ended(otherwise string) string {
	if c.o.Ended != nil {
		return c.o.Ended()
	}
	return otherwise
}

// next reads the next line, one that bears the id.
func (c *Client) next(ctx context.Context) (*envelope, error) {
	timer := time.NewTimer(c.o.Patience)
	defer timer.Stop()
	var l line
	var ok bool
	select {
	case l, ok = <-c.lines:
	case <-timer.C:
		return nil, c.gone(Silent, fmt.Sprintf("no answer within %v", c.o.Patience))
	case <-ctx.Done():
		return nil, c.gone(Failed, context.Cause(ctx).Error())
	}
	if !ok {
		return nil, c.gone(Died, "no answer: "+c.ended("its output ended"))
	}
	c.read++
	c.pending = &l
	switch {
	case errors.Is(l.err, errLong):
		return nil, c.broken(Long, fmt.Sprintf("more than %d bytes without a line feed", MaxLine))
	case l.err != nil:
		return nil, c.broken(Died, "half a line: "+c.ended("its output ended"))
	}
	e := new(envelope)
	if err := strict.Unmarshal(l.data, e); err != nil {
		return nil, c.broken(Nonsense, err.Error())
	}
	switch {
	case e.ID < c.sent:
		return nil, c.broken(Unasked, fmt.Sprintf("id %d was answered before, this is %d", e.ID, c.sent))
	case e.ID > c.sent:
		return nil, c.broken(WrongID, fmt.Sprintf("id %d, where %d was asked", e.ID, c.sent))
	case !e.single():
		return nil, c.broken(Nonsense, "want one of ok, unsupported and error")
	}
	return e, nil
}

// exchange sends a request and reads its answer into reply.
func (c *Client) exchange(ctx context.Context, verb Verb, body, reply any, r Request) (any, error) {
	if err := c.idle(); err != nil {
		return nil, err
	}
	c.sent++
	if err := c.send(c.sent, verb, body); err != nil {
		return nil, err
	}
	for {
		e, err := c.next(ctx)
		if err != nil {
			return nil, err
		}
		switch {
		case e.Unsupported != "":
			return nil, c.broken(BrokenPromise, fmt.Sprintf("hello promised the verb %s", verb))
		case e.Error != "":
			return nil, c.broken(Failed, e.Error+c.said())
		case e.OK != nil:
			if err := strict.Unmarshal(e.OK, reply); err != nil {
				return nil, c.broken(Nonsense, fmt.Sprintf("answer to %s: %v", verb, err))
			}
			return reply, nil
		}
		if err := c.question(ctx, e, r); err != nil {
			return nil, err
		}
	}
}

// question answers what a shim asks during tap and meet.
func (c *Client) question(ctx context.Context, e *envelope, r Request) error {
	var ask Ask
	switch r := r.(type) {
	case Meet:
		if e.Transceive != nil {
			ask = r.Ask
		}
	case Tap:
		if ask = r.Ask; e.Live != nil {
			ask = r.Live
		}
	default:
		return c.broken(Nonsense, fmt.Sprintf("a question, where %s has none", c.verb(r)))
	}
	if ask == nil {
		return c.send(c.sent, "", lost{true})
	}
	asked := e.Transceive
	if e.Live != nil {
		asked = e.Live
	}
	reply, err := ask(ctx, asked)
	switch {
	case err != nil:
		return c.send(c.sent, "", lost{true})
	case e.Live != nil:
		return c.send(c.sent, "", token{reply})
	}
	return c.send(c.sent, "", response{reply})
}

// verb names a request; hello has none.
func (c *Client) verb(r Request) Verb {
	if r == nil {
		return "hello"
	}
	return r.Verb()
}
