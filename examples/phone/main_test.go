package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/simlock/demo"
	"github.com/postern-lock/postern/lock"
	"github.com/postern-lock/postern/lock/locktest"
)

// door is a lock in this process, in place of one on a reader.
type door struct {
	apdu.Transceiver
	lock   *lock.Lock
	closed int
}

func (*door) Reader() string { return "door" }

func (d *door) Close() error {
	d.closed++
	d.lock.Reset()
	return nil
}

func newDoor(t *testing.T, bolt *locktest.Bolt) *door {
	world, err := demo.New()
	require.NoError(t, err)
	l, err := world.Lock(lock.Config{Flash: locktest.NewFlash(), Actuator: bolt, Rand: rand.Reader, ExtendedLength: true})
	require.NoError(t, err)
	return &door{Transceiver: apdu.Direct(l), lock: l}
}

func (d *door) connect(context.Context, string) (link, error) { return d, nil }

// call runs the command with the flags and returns what it printed.
func call(t *testing.T, d *door, args ...string) (string, error) {
	o, err := parse(args, io.Discard)
	require.NoError(t, err)
	var out strings.Builder
	err = run(t.Context(), o, d.connect, &out)
	return out.String(), err
}

func TestOwnerOpens(t *testing.T) {
	bolt := &locktest.Bolt{Motion: lock.Moved}
	out, err := call(t, newDoor(t, bolt))
	require.NoError(t, err)
	require.Equal(t, 1, bolt.Driven)
	require.Contains(t, out, "reader   door\nlock     44454d4f00000001\noutcome  opened\n")
	require.Contains(t, out, "entry 2\n", "after the entry of the commissioning")
}

func TestOwnerCommissionsAVacantLock(t *testing.T) {
	world, err := demo.New()
	require.NoError(t, err)
	l, err := world.Vacant(lock.Config{Flash: locktest.NewFlash(), Actuator: &locktest.Bolt{Motion: lock.Moved}, Rand: rand.Reader})
	require.NoError(t, err)
	d := &door{Transceiver: apdu.Direct(l), lock: l}
	_, err = call(t, d, "-commission", strings.Repeat("00", 16))
	require.Error(t, err, "a guessed secret")
	require.True(t, l.Vacant())
	secret := demo.Setup()
	out, err := call(t, d, "-commission", hex.EncodeToString(secret[:]))
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(out, "outcome  done"))
	require.Contains(t, out, "bytes: the lock holds it\n")
	require.Contains(t, out, "state    policy version 1")
	_, err = call(t, d, "-as", "postman", "-operation", "deliver")
	require.NoError(t, err, "the first policy admits the post")
}

func TestSecondTapIsShorter(t *testing.T) {
	d := newDoor(t, &locktest.Bolt{Motion: lock.Moved})
	out, err := call(t, d, "-as", "postman", "-operation", "deliver", "-taps", "2")
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(out, "outcome  opened"))
	require.Contains(t, out, "cost     3 pairs")
	require.Equal(t, 2, d.closed)
}

func TestStatusMovesNothing(t *testing.T) {
	bolt := &locktest.Bolt{Motion: lock.Moved}
	out, err := call(t, newDoor(t, bolt), "-operation", "status", "-extended")
	require.NoError(t, err)
	require.Contains(t, out, "outcome  done")
	require.Zero(t, bolt.Driven)
}

func TestRefusalIsAnError(t *testing.T) {
	d := newDoor(t, &locktest.Bolt{})
	out, err := call(t, d, "-as", "postman", "-operation", "open")
	require.ErrorIs(t, err, credential.ReasonAction)
	require.Contains(t, out, "outcome  refused\nreason   action\n")
	require.Equal(t, 1, d.closed)
}

func TestStrangerDoesNotOpen(t *testing.T) {
	_, err := call(t, newDoor(t, &locktest.Bolt{}), "-as", "stranger")
	require.Error(t, err)
}

func TestChargeIsShown(t *testing.T) {
	out, err := call(t, newDoor(t, &locktest.Bolt{Motion: lock.Moved, Charges: []int{40}}))
	require.NoError(t, err)
	require.Contains(t, out, "charge   40 %\n")
}

func TestTraceShowsEveryPair(t *testing.T) {
	out, err := call(t, newDoor(t, &locktest.Bolt{Motion: lock.Moved}), "-trace")
	require.NoError(t, err)
	for _, s := range []string{"15 bytes  SELECT", "00A4040009F0504F535445524E0100", "HANDSHAKE-1", "HANDSHAKE-2", "9000 ok"} {
		require.Contains(t, out, s)
	}
}

func TestMissingReaderIsAnError(t *testing.T) {
	gone := errors.New("no reader")
	o, err := parse(nil, io.Discard)
	require.NoError(t, err)
	err = run(t.Context(), o, func(context.Context, string) (link, error) { return nil, gone }, io.Discard)
	require.ErrorIs(t, err, gone)
}

func TestWrongFlags(t *testing.T) {
	for _, args := range [][]string{{"-operation", "knock"}, {"-taps", "0"}, {"-commission", "00"}, {"-commission", "no number"}, {"extra"}, {"-nothing"}} {
		_, err := parse(args, io.Discard)
		require.Error(t, err, args)
	}
	o, err := parse([]string{"-as", "burglar"}, io.Discard)
	require.NoError(t, err)
	require.ErrorContains(t, run(t.Context(), o, desk, io.Discard), "burglar")
}
