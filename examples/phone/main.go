// Command phone taps a lock on a reader of the PC/SC service, as somebody of
// the demonstration world of examples/simlock: it asks for an operation and
// prints what became of it.  It ends with status 0 where the lock opened or
// told its state, with 1 where it did not, and with 2 after a wrong flag.
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/conformance/target/pcsc"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/examples/simlock/demo"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	o, err := parse(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "phone:", err)
		os.Exit(2)
	}
	if err := run(ctx, o, desk, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "phone:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	who       string
	operation credential.Operation
	reader    string
	taps      int
	timeout   time.Duration
	extended  bool
	trace     bool

	commission bool
	secret     [16]byte
}

func parse(args []string, complaints io.Writer) (options, error) {
	var o options
	o.operation = credential.OperationOpen
	f := flag.NewFlagSet("phone", flag.ContinueOnError)
	f.SetOutput(complaints)
	f.StringVar(&o.who, "as", "owner", "whose phone: "+strings.Join(demo.People(), ", "))
	f.Func("operation", "what to ask for: status, open, deliver, collect, return or service (default open)", o.setOperation)
	f.Func("commission", "become the owner of a vacant lock by the setup `secret` inside the box, 32 hexadecimal digits, and hand over the first policy", o.setSecret)
	f.StringVar(&o.reader, "reader", "", "a part of the reader's `name`; any reader with a card by default")
	f.IntVar(&o.taps, "taps", 1, "how many times to tap; the phone remembers the lock from the first")
	f.DurationVar(&o.timeout, "timeout", 30*time.Second, "how long to try")
	f.BoolVar(&o.extended, "extended", false, "use extended length fields with a lock that takes them")
	f.BoolVar(&o.trace, "trace", false, "print every command and response")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unknown argument %q", f.Arg(0))
	}
	if o.taps < 1 {
		return o, errors.New("-taps: want at least 1")
	}
	return o, nil
}

func (o *options) setOperation(name string) error {
	for _, operation := range []credential.Operation{
		credential.OperationStatus, credential.OperationOpen, credential.OperationDeliver,
		credential.OperationCollect, credential.OperationReturn, credential.OperationService,
	} {
		if operation.String() == name {
			o.operation = operation
			return nil
		}
	}
	return errors.New("no such operation")
}

func (o *options) setSecret(digits string) error {
	secret, err := hex.DecodeString(digits)
	if err != nil || len(secret) != len(o.secret) {
		return errors.New("want 32 hexadecimal digits")
	}
	o.commission, o.secret = true, [16]byte(secret)
	return nil
}

// link is a lock in the phone's field.
type link interface {
	apdu.Transceiver
	Reader() string
	Close() error
}

// desk waits for a lock on a reader of the PC/SC service.
func desk(ctx context.Context, reader string) (link, error) {
	return pcsc.Connect(ctx, reader)
}

// run taps as often as it was asked to and stops at the first tap that fails.
func run(ctx context.Context, o options, connect func(context.Context, string) (link, error), out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	world, err := demo.New()
	if err != nil {
		return err
	}
	phone, err := world.Phone(o.who, time.Now(), rand.Reader)
	if err != nil {
		return err
	}
	phone.Extended = o.extended
	phone.Progress = func(p holder.Progress) { fmt.Fprintf(out, "charge   %d %%\n", p.Percent) }
	work := func(ctx context.Context, l apdu.Transceiver, out io.Writer) error {
		return tap(ctx, phone, l, o.operation, out)
	}
	if o.commission {
		work = func(ctx context.Context, l apdu.Transceiver, out io.Writer) error {
			return moveIn(ctx, world, phone, l, o.secret, out)
		}
	}
	for range o.taps {
		l, err := connect(ctx, o.reader)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "reader   %s\n", l.Reader())
		if err := errors.Join(traced(ctx, l, o.trace, work, out), l.Close()); err != nil {
			return err
		}
	}
	return nil
}

// traced does its work with the lock, and prints what went over the link if that
// is asked for.
func traced(ctx context.Context, l link, trace bool, work func(context.Context, apdu.Transceiver, io.Writer) error, out io.Writer) error {
	tracer := apdu.NewTracer(l)
	var result strings.Builder
	err := work(ctx, tracer, &result)
	if trace {
		if err := tracer.Print(out); err != nil {
			return err
		}
	}
	_, failed := io.WriteString(out, result.String())
	return errors.Join(err, failed)
}

// tap asks once and prints the answer.  An answer other than opened and done
// is an error.
func tap(ctx context.Context, phone *holder.Phone, l apdu.Transceiver, operation credential.Operation, out io.Writer) error {
	r, err := phone.Open(ctx, l, operation)
	show(out, r)
	switch {
	case err != nil:
		return err
	case r.Outcome != credential.OutcomeOpened && r.Outcome != credential.OutcomeDone:
		return fmt.Errorf("%v: %w", r.Outcome, r.Reason)
	}
	return nil
}

// moveIn makes the phone's holder the owner of the lock, and hands over the
// first policy.  A real app keeps the log key where it keeps secrets; this one
// forgets it.
func moveIn(ctx context.Context, world *demo.World, phone *holder.Phone, l apdu.Transceiver, secret [16]byte, out io.Writer) error {
	_, r, err := phone.Commission(ctx, l, secret)
	show(out, r)
	switch {
	case err != nil:
		return err
	case r.Outcome != credential.OutcomeDone:
		return fmt.Errorf("%v: %w", r.Outcome, r.Reason)
	}
	policy, err := world.Policy(r.State.PolicyVersion+1, time.Now())
	if err != nil {
		return err
	}
	phone.Documents = [][]byte{policy}
	defer func() { phone.Documents = nil }()
	return tap(ctx, phone, l, credential.OperationStatus, out)
}

// show prints the result for people.
func show(out io.Writer, r holder.Result) {
	fmt.Fprintf(out, "lock     %v\n", r.Lock)
	fmt.Fprintf(out, "outcome  %v\n", r.Outcome)
	if r.Reason != credential.ReasonNone {
		fmt.Fprintf(out, "reason   %v\n", r.Reason)
	}
	if r.State != (holder.State{}) {
		fmt.Fprintf(out, "state    policy version %d, time floor %v\n", r.State.PolicyVersion, r.State.Floor)
	}
	if r.State.Sequence != 0 { // told to the owner only
		fmt.Fprintf(out, "log      entry %d\n", r.State.Sequence)
	}
	for _, d := range r.Documents {
		what := "the lock holds it"
		if d.Reason != credential.ReasonNone {
			what = d.Reason.String()
		}
		fmt.Fprintf(out, "document %d bytes: %s\n", len(d.Document), what)
	}
	if r.Advice != holder.AdviceNone {
		fmt.Fprintf(out, "advice   %v\n", r.Advice)
	}
	fmt.Fprintf(out, "cost     %d pairs, %d bytes\n", r.Cost.Pairs, r.Cost.Bytes)
}
