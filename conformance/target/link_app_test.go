package target

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance/shim"
)

// control is a control shim whose tap is a function.
type control struct {
	shim.Device
	tap func(ctx context.Context, r shim.Tap) (any, error)
}

func (c control) Do(ctx context.Context, r shim.Request) (any, error) {
	if tap, ok := r.(shim.Tap); ok {
		return c.tap(ctx, tap)
	}
	return &shim.Nothing{}, nil
}

// counts answers commands with their number, and loses the third.
func counts() shim.Ask {
	n := byte(0)
	return func(context.Context, []byte) ([]byte, error) {
		if n++; n == 3 {
			return nil, errors.New("lost")
		}
		return []byte{n, 0x90, 0}, nil
	}
}

// TestTapOverVPCD has an app reach the suite's lock through a reader of its own,
// lose it and find it again, whoever listens.
func TestTapOverVPCD(t *testing.T) {
	for _, way := range []string{"the reader listens", "the card listens"} {
		t.Run(way, func(t *testing.T) {
			reader, card := listens(t)
			if way == "the card listens" {
				reader, card = card, reader
			}
			app := control{NewApp(nil), func(ctx context.Context, r shim.Tap) (any, error) {
				for _, want := range []byte{1, 2, 0, 4} {
					got, err := r.Ask(ctx, []byte{0, 0xA4})
					if want == 0 {
						require.Error(t, err)
						continue
					}
					require.NoError(t, err)
					require.Equal(t, []byte{want, 0x90, 0}, got)
				}
				return &shim.Told{Outcome: 4}, nil
			}}
			d := NewTapped(card, NewReaching(app, func(ctx context.Context) (Link, error) { return VPCD(ctx, reader, 5*time.Second) }), 5*time.Second)
			for range 2 {
				told, err := shim.Call[shim.Told](t.Context(), d, shim.Tap{Ask: counts()})
				require.NoError(t, err)
				require.Equal(t, 4, told.Outcome)
			}
			_, err := shim.Call[shim.Nothing](t.Context(), d, shim.Install{})
			require.NoError(t, err)
			require.NoError(t, d.Close())
		})
	}
}

// TestFaultsOfATap names what is wrong between the app, its shim and its reader.
func TestFaultsOfATap(t *testing.T) {
	after := func(play func(ctx context.Context, r shim.Tap, reader Conns)) func(context.Context, shim.Tap, Conns) (any, error) {
		return func(ctx context.Context, r shim.Tap, reader Conns) (any, error) {
			play(ctx, r, reader)
			return &shim.Told{}, nil
		}
	}
	dial := func(ctx context.Context, reader Conns, b ...byte) {
		conn, err := reader(ctx)
		if err == nil {
			_, _ = conn.Write(b)
			_ = conn.Close()
		}
	}
	for name, c := range map[string]struct {
		tap  func(ctx context.Context, r shim.Tap, reader Conns) (any, error)
		kind shim.Kind
		says string
	}{
		"the app answers without a reader": {after(func(context.Context, shim.Tap, Conns) {}), shim.Silent, "its reader has sent the card nothing"},
		"the reader never comes":           {after(func(ctx context.Context, _ shim.Tap, _ Conns) { <-ctx.Done() }), shim.Silent, "no reader for the card"},
		"commands over the lines": {
			after(func(ctx context.Context, r shim.Tap, _ Conns) { _, _ = r.Ask(ctx, []byte{0, 0xA4}) }), shim.Nonsense, "over its lines",
		},
		"the reader breaks off": {
			after(func(ctx context.Context, _ shim.Tap, r Conns) { dial(ctx, r, 0xFF, 0xFF, 0); <-ctx.Done() }), shim.Died, "in the middle of a message",
		},
		"the reader comes and goes": {
			after(func(ctx context.Context, _ shim.Tap, r Conns) {
				for ctx.Err() == nil {
					dial(ctx, r)
				}
			}), shim.Died, "ended the connection 50 times in one tap",
		},
		"the shim's own fault": {
			func(context.Context, shim.Tap, Conns) (any, error) {
				return nil, &shim.Fault{Kind: shim.Failed, Detail: "no phone"}
			}, shim.Failed, "no phone",
		},
	} {
		t.Run(name, func(t *testing.T) {
			card, reader := listens(t) // the card listens, and the reader connects
			app := control{NewApp(nil), func(ctx context.Context, r shim.Tap) (any, error) { return c.tap(ctx, r, reader) }}
			patience := 5 * time.Second
			if name == "the reader never comes" {
				patience = 50 * time.Millisecond
			}
			_, err := NewTapped(card, app, patience).Do(t.Context(), shim.Tap{Ask: counts()})
			f, ok := errors.AsType[*shim.Fault](err)
			require.True(t, ok, "%v", err)
			require.Equal(t, c.kind, f.Kind, "%v", f)
			require.Contains(t, f.Detail, c.says)
		})
	}
}

// TestTapEndsWithTheCase does not outlive the budget.
func TestTapEndsWithTheCase(t *testing.T) {
	_, card := listens(t)
	app := control{NewApp(nil), func(ctx context.Context, _ shim.Tap) (any, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Millisecond, errors.New("over budget"))
	defer cancel()
	_, err := NewTapped(card, app, 5*time.Second).Do(ctx, shim.Tap{Ask: counts()})
	require.ErrorContains(t, err, "over budget")
}

// TestPanicOfTheSuiteComesBack has what the suite's own function throws arrive where
// the tap was asked for, from either channel.
func TestPanicOfTheSuiteComesBack(t *testing.T) {
	throws := func(context.Context, []byte) ([]byte, error) { panic("a case ends so") }
	_, card := listens(t)
	live := control{NewApp(nil), func(ctx context.Context, r shim.Tap) (any, error) {
		_, err := r.Live(ctx, make([]byte, 16))
		return &shim.Told{}, err
	}}
	require.PanicsWithValue(t, "a case ends so", func() {
		_, _ = NewTapped(card, live, 5*time.Second).Do(t.Context(), shim.Tap{Ask: counts(), Live: throws})
	})
	reader, card := listens(t)
	app := control{NewApp(nil), func(ctx context.Context, r shim.Tap) (any, error) {
		_, err := r.Ask(ctx, []byte{0, 0xA4})
		return &shim.Told{}, err
	}}
	asks := NewReaching(app, func(ctx context.Context) (Link, error) { return VPCD(ctx, reader, 5*time.Second) })
	require.PanicsWithValue(t, "a case ends so", func() {
		_, _ = NewTapped(card, asks, 5*time.Second).Do(t.Context(), shim.Tap{Ask: throws})
	})
}
