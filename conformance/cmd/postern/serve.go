package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/target"
	"github.com/postern-lock/postern/conformance/target/vpcd"
)

// reaches is how long a served app looks for a lock, and waits for its answers.
const reaches = 5 * time.Second

// serveLockVerb is the reference lock behind a shim, as a child of exec:.  With
// --vpcd it is a card of vpcd too.
func serveLockVerb(ctx context.Context, c console, args []string) error {
	f := flags(c, "serve-lock", "[box]")
	where := f.String("vpcd", "", "be a card as well: `HOST:PORT` where a reader listens, or PORT to listen for one")
	if err := parse(f, args, 1); err != nil {
		return err
	}
	features, _, err := demo(f.Arg(0))
	if err != nil {
		return err
	}
	lock := target.Shared(target.NewLock(features, rand.Reader))
	if *where == "" {
		return shim.Serve(ctx, c.in, c.out, lock)
	}
	conns, end, err := meeting(*where)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	served := make(chan error, 1)
	go func() { served <- target.ServeCard(ctx, conns, lock) }()
	err = shim.Serve(ctx, c.in, c.out, lock)
	cancel()
	<-served // it ends by the cancellation alone
	if closed := end(); err == nil {
		err = closed
	}
	return err
}

// meeting returns where the connections of vpcd come from for HOST:PORT or PORT, and
// what ends it.
func meeting(where string) (target.Conns, func() error, error) {
	at, err := address(where)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: --vpcd %s: %w", errUsage, where, err)
	}
	if strings.Contains(where, ":") {
		return func(ctx context.Context) (net.Conn, error) { return vpcd.Connect(ctx, at) }, func() error { return nil }, nil
	}
	l, err := vpcd.Listen(at)
	if err != nil {
		return nil, nil, err
	}
	return l.Accept, l.Close, nil
}

// serveAppVerb is the reference phone behind a shim, as a child of exec:.  With
// --vpcd or --pcsc it reaches the lock through a reader of its own.
func serveAppVerb(ctx context.Context, c console, args []string) error {
	f := flags(c, "serve-app", "")
	where := f.String("vpcd", "", "be the reader of a card: `HOST:PORT` where it listens, or PORT to listen for it")
	reader := f.String("pcsc", "", "find the lock in the `reader` of the PC/SC service with this in its name")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	app := shim.Device(target.NewApp(rand.Reader))
	switch {
	case *where != "" && *reader != "":
		return fmt.Errorf("%w: --vpcd and --pcsc exclude each other", errUsage)
	case *reader != "":
		app = target.NewReaching(app, func(ctx context.Context) (target.Link, error) { return target.PCSC(ctx, *reader, reaches) })
	case *where != "":
		conns, end, err := meeting(*where)
		if err != nil {
			return err
		}
		defer end()
		app = target.NewReaching(app, func(ctx context.Context) (target.Link, error) { return target.VPCD(ctx, conns, reaches) })
	}
	return shim.Serve(ctx, c.in, c.out, app)
}

// serveIssuerVerb is the reference issuer behind a shim.
func serveIssuerVerb(ctx context.Context, c console, args []string) error {
	if err := parse(flags(c, "serve-issuer", ""), args, 0); err != nil {
		return err
	}
	return shim.Serve(ctx, c.in, c.out, target.NewIssuer())
}
