package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/target"
	"github.com/postern-lock/postern/conformance/target/vpcd"
)

// linked brings a product behind a link.  First the tool listens where it is to
// listen, then the control shim starts, and at last the link begins.
func (p place) linked(ctx context.Context, kind, where string, o shim.Options) (shim.Device, error) {
	if o.Role == "" {
		o.Role = shim.RoleLock
	}
	if o.Patience == 0 {
		o.Patience = 10 * time.Second
	}
	switch {
	case o.Role == shim.RoleIssuer:
		return nil, fmt.Errorf("%w: --target %s: an issuer has no link", errUsage, p.target)
	case o.Role == shim.RoleApp && kind == "pcsc":
		return nil, fmt.Errorf("%w: --target %s: of an app the tool plays the lock, so that it cannot be in a reader of its own: want vpcd-connect or vpcd-listen", errUsage, p.target)
	case o.Role == shim.RoleApp && p.control == "":
		return nil, fmt.Errorf("%w: --target %s of an app needs a --control, which gives it its keys and says when it taps", errUsage, p.target)
	}
	conns, end, err := p.conns(kind, where)
	if err != nil {
		return nil, err
	}
	var control shim.Device
	if p.control != "" {
		o.Control = true
		if control, err = start(ctx, "--control", p.control, o); err != nil {
			return nil, errors.Join(err, end())
		}
	}
	if o.Role == shim.RoleApp {
		return closing{target.NewTapped(conns, control, o.Patience), end}, nil
	}
	link, err := p.link(ctx, conns, where, o)
	if err != nil {
		if control != nil {
			_ = control.Close() // the link's fault came first
		}
		return nil, errors.Join(err, end())
	}
	return closing{target.NewLinked(link, control), end}, nil
}

// conns returns where the connections of vpcd come from, none for PC/SC, and what
// ends it.
func (p place) conns(kind, where string) (target.Conns, func() error, error) {
	nothing := func() error { return nil }
	if kind == "pcsc" {
		return nil, nothing, nil
	}
	address, err := address(where)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: --target %s: %w", errUsage, p.target, err)
	}
	if kind == "vpcd-connect" {
		return func(ctx context.Context) (net.Conn, error) { return vpcd.Connect(ctx, address) }, nothing, nil
	}
	l, err := vpcd.Listen(address)
	if err != nil {
		return nil, nil, &shim.Fault{Kind: shim.Failed, Detail: err.Error() + ": does pcscd with its driver vpcd, or another run, use the port?"}
	}
	return l.Accept, l.Close, nil
}

// link begins the link to a lock.
func (p place) link(ctx context.Context, conns target.Conns, reader string, o shim.Options) (target.Link, error) {
	if conns == nil {
		return target.PCSC(ctx, reader, o.Patience)
	}
	return target.VPCD(ctx, conns, o.Patience)
}

// address returns the host and port that "35963", "box:35963" or nothing stands for.
func address(s string) (string, error) {
	if s == "" {
		return vpcd.Address, nil
	}
	if !strings.Contains(s, ":") {
		s = "127.0.0.1:" + s
	}
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return "", err
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", fmt.Errorf("port %q, where 1 to 65535 is right", port)
	}
	return s, nil
}

// closing is a device with something to end after it.
type closing struct {
	shim.Device
	end func() error
}

// Close lets the device go.
func (c closing) Close() error { return errors.Join(c.Device.Close(), c.end()) }

// About says what the link is, where there is one.
func (c closing) About() string {
	if a, ok := c.Device.(interface{ About() string }); ok {
		return a.About()
	}
	return ""
}
