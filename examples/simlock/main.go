// Command simlock is a simulated lock in a virtual reader: PC/SC programs on
// the same machine reach it as they would reach a real one on a desk reader.
// README.md says how to start it.
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
	"syscall"
	"time"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/conformance/target/vpcd"
	"github.com/postern-lock/postern/examples/simlock/demo"
	"github.com/postern-lock/postern/lock"
	"github.com/postern-lock/postern/lock/locktest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); {
	case err == nil || errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, "simlock:", err)
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "simlock:", err)
		os.Exit(1)
	}
}

// errUsage says that the command line is wrong: exit status 2.
var errUsage = errors.New("usage, see -h")

// options are the flags.
type options struct {
	address  string
	wait     time.Duration
	harvest  time.Duration
	bolt     string
	vacant   bool
	extended bool
	verbose  bool
}

func parse(args []string, complaints io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("simlock", flag.ContinueOnError)
	f.SetOutput(complaints)
	f.StringVar(&o.address, "reader", vpcd.Address, "`address` at which vpcd waits for a card")
	f.DurationVar(&o.wait, "wait", 10*time.Second, "how long to wait for the reader")
	f.DurationVar(&o.harvest, "harvest", 0, "how long the field must last until the bolt can be driven")
	f.StringVar(&o.bolt, "bolt", "moves", "what the bolt does: moves, sticks, or unseen where it has no sensor")
	f.BoolVar(&o.vacant, "vacant", false, "the lock has no owner yet: as it comes from the factory")
	f.BoolVar(&o.extended, "extended", false, "take extended length fields")
	f.BoolVar(&o.verbose, "v", false, "print every command")
	if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
		return o, err
	} else if err != nil {
		return o, fmt.Errorf("%w: %w", errUsage, err)
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("%w: unknown argument %q", errUsage, f.Arg(0))
	}
	return o, nil
}

// run makes the lock, puts it into the reader and serves it until ctx is done
// or the reader goes away.
func run(ctx context.Context, args []string, out, complaints io.Writer) error {
	o, err := parse(args, complaints)
	if err != nil {
		return err
	}
	card, err := newCard(o, out)
	if err != nil {
		return err
	}
	waiting, cancel := context.WithTimeout(ctx, o.wait)
	defer cancel()
	conn, err := vpcd.Connect(waiting, o.address)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "lock %v is in the reader at %s\n", demo.LockID(), o.address)
	fmt.Fprintf(out, "inside the box, where only who has opened it can read, is printed: setup secret %x\n", demo.Setup())
	err = vpcd.Serve(ctx, conn, card)
	if ctx.Err() != nil {
		return nil // asked to end
	}
	fmt.Fprintln(out, "the reader went away")
	return err
}

// newCard makes the lock of the demonstration with a simulated bolt.
func newCard(o options, out io.Writer) (apdu.Processor, error) {
	b := &bolt{harvest: o.harvest, now: time.Now}
	var err error
	if b.motion, err = motion(o.bolt); err != nil {
		return nil, err
	}
	b.fieldOn()
	world, err := demo.New()
	if err != nil {
		return nil, err
	}
	parts := lock.Config{
		Flash:          locktest.NewFlash(),
		Actuator:       b,
		Rand:           rand.Reader,
		ExtendedLength: o.extended,
		Observe:        func(e lock.Event) { fmt.Fprintln(out, describe(e)) },
	}
	build := world.Lock
	if o.vacant {
		build = world.Vacant
	}
	l, err := build(parts)
	if err != nil {
		return nil, err
	}
	return &watched{lock: l, bolt: b, out: out, verbose: o.verbose}, nil
}
