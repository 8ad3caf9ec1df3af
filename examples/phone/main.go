// Command phone taps a lock on a reader of the PC/SC service, as somebody of
// the demonstration world of examples/simlock: it asks for an operation and
// prints what became of it.  It ends with status 0 where the lock opened or
// told its state, with 1 where it did not, and with 2 after a wrong flag.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/examples/pcsc"
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
}

func parse(args []string, complaints io.Writer) (options, error) {
	var o options
	o.operation = credential.OperationOpen
	f := flag.NewFlagSet("phone", flag.ContinueOnError)
	f.SetOutput(complaints)
	f.StringVar(&o.who, "as", "owner", "whose phone: "+strings.Join(demo.People(), ", "))
	f.Func("operation", "what to ask for: status, open, deliver, collect, return or service (default open)", o.setOperation)
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
	for range o.taps {
		l, err := connect(ctx, o.reader)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "reader   %s\n", l.Reader())
		if err := errors.Join(tap(ctx, phone, l, o, out), l.Close()); err != nil {
			return err
		}
	}
	return nil
}

// tap asks once and prints the answer.  An answer other than opened and done
// is an error.
func tap(ctx context.Context, phone *holder.Phone, l link, o options, out io.Writer) error {
	tracer := apdu.NewTracer(l)
	var r holder.Result
	var err error
	if o.operation == credential.OperationStatus {
		r, err = phone.Status(ctx, tracer)
	} else {
		r, err = phone.Open(ctx, tracer, o.operation)
	}
	if o.trace {
		if err := tracer.Print(out); err != nil {
			return err
		}
	}
	show(out, r)
	switch {
	case err != nil:
		return err
	case r.Outcome != credential.OutcomeOpened && r.Outcome != credential.OutcomeDone:
		return fmt.Errorf("%v: %w", r.Outcome, r.Reason)
	}
	return nil
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
	if r.Advice != holder.AdviceNone {
		fmt.Fprintf(out, "advice   %v\n", r.Advice)
	}
	fmt.Fprintf(out, "cost     %d pairs, %d bytes\n", r.Cost.Pairs, r.Cost.Bytes)
}
