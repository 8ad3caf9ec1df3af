package target

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/target/pcsc"
	"github.com/postern-lock/postern/conformance/target/vpcd"
	"github.com/postern-lock/postern/conformance/world"
)

// listens returns connections that come, and those that go to them.
func listens(t *testing.T) (come, gone Conns) {
	t.Helper()
	l, err := vpcd.Listen("127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l.Accept, func(ctx context.Context) (net.Conn, error) { return vpcd.Connect(ctx, l.Address()) }
}

// linkedScene is the reference lock behind a link, with itself as the control.
func linkedScene(t *testing.T, reader, card Conns) (shim.Device, *world.World) {
	t.Helper()
	w, err := world.New(5)
	require.NoError(t, err)
	lock := Shared(NewLock(AllFeatures(), w.Rand("lock")))
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- ServeCard(ctx, card, lock) }()
	l, err := VPCD(t.Context(), reader, 5*time.Second)
	require.NoError(t, err)
	d := NewLinked(l, lock)
	t.Cleanup(func() {
		require.NoError(t, d.Close())
		cancel()
		require.ErrorIs(t, <-served, context.Canceled)
	})
	return d, w
}

// TestLinkOfALock goes through what a lock does over vpcd, whoever listens.
func TestLinkOfALock(t *testing.T) {
	for _, way := range []string{"the reader listens", "the lock listens"} {
		t.Run(way, func(t *testing.T) {
			reader, card := listens(t)
			if way == "the lock listens" {
				reader, card = card, reader
			}
			d, w := linkedScene(t, reader, card)
			require.Contains(t, d.(interface{ About() string }).About(), "ATR 3B 80 80 01 01")
			require.Equal(t, shim.L2, d.Hello().Level())
			answer := func() shim.Answer {
				t.Helper()
				a, err := shim.Call[shim.Answer](t.Context(), d, selects)
				require.NoError(t, err)
				return a
			}
			do := func(r shim.Request) {
				t.Helper()
				_, err := shim.Call[shim.Nothing](t.Context(), d, r)
				require.NoError(t, err)
			}
			do(shim.Power{On: true})
			require.True(t, answer().Silent, "a lock that was never provisioned stays dark")
			p, err := w.Factory(0)
			require.NoError(t, err)
			do(p)
			require.True(t, answer().Silent, "after provision the power is off")
			do(shim.Power{On: true})
			require.Len(t, answer().APDU, 36)
			phone := owner(t, w)
			_, _, err = phone.Commission(t.Context(), link{d}, w.Setup)
			require.NoError(t, err)
			kept, err := shim.Call[shim.Kept](t.Context(), d, shim.State{})
			require.NoError(t, err)
			require.False(t, kept.Vacant)

			none := 0
			do(shim.Cut{After: &none, Torn: shim.TornBefore})
			do(shim.Power{On: false})
			do(shim.Power{On: true})
			_, err = phone.Open(t.Context(), link{d}, 1)
			require.Error(t, err)
			require.True(t, answer().Silent, "until the field goes and comes")
			do(shim.Power{On: false})
			do(shim.Power{On: true})
			require.Len(t, answer().APDU, 36)
		})
	}
}

// TestLinkAlone has no more than a field.
func TestLinkAlone(t *testing.T) {
	reader, card := listens(t)
	go func() { _ = ServeCard(t.Context(), card, NewLock(Features{}, nil)) }()
	l, err := VPCD(t.Context(), reader, 5*time.Second)
	require.NoError(t, err)
	d := NewLinked(l, nil)
	require.Equal(t, []shim.Verb{shim.VerbPower, shim.VerbTransceive}, d.Hello().Verbs)
	_, err = d.Do(t.Context(), shim.Deselect{})
	require.ErrorIs(t, err, shim.ErrUnsupported)
	require.NoError(t, d.Close())
}

// TestHostilePeers names each fault, and blames no lock.
func TestHostilePeers(t *testing.T) {
	atr := []byte{0, 5, 0x3B, 0x80, 0x80, 1, 1}
	for name, c := range map[string]struct {
		answers [][]byte // to the messages that come; after them the peer is silent
		close   bool     // or ends the connection
		kind    shim.Kind
		says    string
	}{
		"silent from the start":      {nil, false, shim.Silent, "the first ATR: vpcd: the card does not answer"},
		"closes at once":             {[][]byte{nil}, true, shim.Died, "the first ATR: vpcd: the card ended the connection"},
		"65535 bytes announced":      {[][]byte{{0xFF, 0xFF}}, false, shim.Silent, "it announced 65535 bytes and sent 0 of them"},
		"closes in a message":        {[][]byte{{0xFF, 0xFF, 1}}, true, shim.Died, "after 1 of the 65535 bytes"},
		"another protocol":           {[][]byte{append([]byte{0, 12}, "HTTP/1.1 400"...)}, false, shim.Silent, "does not answer"},
		"no ATR":                     {[][]byte{{0, 2, 'O', 'K'}, nil, {0, 2, 'O', 'K'}}, false, shim.Nonsense, "4F 4B is no ATR"},
		"floods":                     {[][]byte{append(append(append(atr, atr...), atr...), atr...)}, false, shim.Unasked, "sent a message unasked: 5 bytes, 3B 80"},
		"silent to a command":        {[][]byte{atr, nil, atr, nil, atr}, false, shim.Silent, "the answer to 00 A4 04 00"},
		"closes in an answer":        {[][]byte{atr, nil, atr, nil, atr, {0, 9, 1}}, true, shim.Died, "after 1 of the 9 bytes"},
		"leaves, and does not come":  {[][]byte{atr, nil, atr, nil, atr, nil}, true, shim.Died, "the answer to 00 A4 04 00"},
		"an answer of one byte":      {[][]byte{atr, nil, atr, nil, atr, {0, 1, 0x90}}, false, shim.Nonsense, "an answer of one byte, 90"},
		"an answer that is too long": {[][]byte{atr, nil, atr, nil, atr, append([]byte{0x20, 0}, make([]byte, 0x2000)...)}, false, shim.Long, "an answer of 8192 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reader, card := listens(t)
			go peer(t, card, c.answers, c.close)
			l, err := VPCD(t.Context(), reader, 200*time.Millisecond)
			if err == nil {
				d := NewLinked(l, nil)
				_, err = d.Do(t.Context(), shim.Power{On: true})
				if err == nil {
					_, err = d.Do(t.Context(), selects)
				}
				require.NoError(t, d.Close())
			}
			f, ok := errors.AsType[*shim.Fault](err)
			require.True(t, ok, "%v", err)
			require.Equal(t, c.kind, f.Kind, "%v", f)
			require.Contains(t, f.Detail, c.says)
		})
	}
}

// peer answers message by message what it is given, whatever it is asked.
func peer(t *testing.T, conns Conns, answers [][]byte, closes bool) {
	conn, err := conns(t.Context())
	if err != nil {
		return
	}
	defer conn.Close()
	head := make([]byte, 2)
	for _, a := range answers {
		if _, err := conn.Read(head); err != nil {
			return
		}
		if _, err := conn.Read(make([]byte, int(head[0])<<8|int(head[1]))); err != nil {
			return
		}
		if _, err := conn.Write(a); err != nil {
			return
		}
	}
	if !closes {
		_, _ = conn.Read(make([]byte, 1000))
		<-t.Context().Done()
	}
}

// desk is a field of PC/SC in memory.
type desk struct {
	answer func() ([]byte, error)
	on     []error // what PowerOn returns, one after the other
	orders string
}

func (d *desk) Reader() string { return "Desk 0" }
func (d *desk) Close() error   { return nil }
func (d *desk) PowerOff(context.Context) error {
	d.orders += "off "
	return nil
}
func (d *desk) PowerOn(context.Context) error {
	d.orders += "on "
	if len(d.on) == 0 {
		return nil
	}
	err := d.on[0]
	d.on = d.on[1:]
	return err
}
func (d *desk) Transceive(context.Context, []byte) ([]byte, error) { return d.answer() }

// TestFieldOfPCSC tells a lock that is silent from one that has gone, and both from
// a reader that fails.
func TestFieldOfPCSC(t *testing.T) {
	lost := &pcsc.Error{Call: "SCardTransmit", Code: pcsc.NotTransacted}
	d := &desk{answer: func() ([]byte, error) { return nil, lost }}
	l := &pcscLink{card: d, patience: time.Second}
	require.Equal(t, "PC/SC, reader Desk 0", l.About())
	a, err := l.Transceive(t.Context(), []byte{0, 0xA4})
	require.NoError(t, err)
	require.True(t, a.Silent)
	require.Equal(t, "off on ", d.orders, "it was looked for")
	d.answer = func() ([]byte, error) { return []byte{0x90, 0}, nil }
	a, err = l.Transceive(t.Context(), []byte{0, 0xA4})
	require.NoError(t, err)
	require.True(t, a.Silent, "until the field goes and comes")
	require.NoError(t, l.Power(t.Context(), false))
	require.NoError(t, l.Power(t.Context(), true))
	a, err = l.Transceive(t.Context(), []byte{0, 0xA4})
	require.NoError(t, err)
	require.Equal(t, shim.Hex{0x90, 0}, a.APDU)

	for name, c := range map[string]struct {
		answer, on error
		says       string
	}{
		"gone":               {lost, context.DeadlineExceeded, "the lock is not in the reader's field: lay it there, fasten it"},
		"the service ends":   {&pcsc.Error{Call: "SCardTransmit", Code: pcsc.ServiceStopped}, nil, "pcscd has ended"},
		"another program":    {lost, &pcsc.Error{Call: "SCardConnect", Code: pcsc.SharingViolation}, "another program"},
		"the reader is slow": {context.DeadlineExceeded, nil, "deadline"},
	} {
		d := &desk{answer: func() ([]byte, error) { return nil, c.answer }, on: []error{c.on}}
		_, err := (&pcscLink{card: d, patience: time.Second}).Transceive(t.Context(), []byte{0, 0xA4})
		f, ok := errors.AsType[*shim.Fault](err)
		require.True(t, ok, "%s: %v", name, err)
		require.Contains(t, f.Detail, c.says, name)
	}
}

// TestServiceOfPCSC begins with a service that does not run.
func TestServiceOfPCSC(t *testing.T) {
	t.Setenv("PCSCLITE_CSOCK_NAME", t.TempDir()+"/nobody")
	_, err := PCSC(t.Context(), "", time.Second)
	f, ok := errors.AsType[*shim.Fault](err)
	require.True(t, ok, "%v", err)
	require.Contains(t, f.Detail, "pcscd does not run")
}
