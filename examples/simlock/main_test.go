package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/simlock/demo"
	"github.com/postern-lock/postern/lock"
)

// reader is what vpcd is to the lock.
type reader struct {
	t    *testing.T
	conn net.Conn
}

func (r reader) send(message ...byte) {
	_, err := r.conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(message))), message...))
	require.NoError(r.t, err)
}

func (r reader) receive() []byte {
	var length uint16
	require.NoError(r.t, binary.Read(r.conn, binary.BigEndian, &length))
	message := make([]byte, length)
	_, err := io.ReadFull(r.conn, message)
	require.NoError(r.t, err)
	return message
}

func TestLockAnswersInTheReader(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	var out strings.Builder
	done := make(chan error, 1)
	go func() {
		done <- run(t.Context(), []string{"-v", "-vacant", "-reader", l.Addr().String()}, &out, io.Discard)
	}()
	conn, err := l.Accept()
	require.NoError(t, err)
	r := reader{t, conn}

	r.send(0x01)
	selection, err := apdu.Select([]byte("\xF0POSTERN\x01")).Bytes()
	require.NoError(t, err)
	r.send(selection...)
	answer, err := apdu.ParseResponse(r.receive())
	require.NoError(t, err)
	require.Equal(t, apdu.StatusOK, answer.SW)
	require.Contains(t, string(answer.Data), "DEMO")
	r.send(0x80, 0x14)
	require.Equal(t, []byte{0x67, 0x00}, r.receive())

	require.NoError(t, conn.Close())
	require.NoError(t, <-done)
	require.Contains(t, out.String(), "lock 44454d4f00000001 is in the reader")
	require.Contains(t, out.String(), fmt.Sprintf("setup secret %x\n", demo.Setup()))
	require.Contains(t, out.String(), "  SELECT, 15 bytes -> 9000 ok, 35 bytes\n")
	require.Contains(t, out.String(), "  not a command, 2 bytes -> 6700 wrong-length, 2 bytes\n")
	require.Contains(t, out.String(), "the reader went away")
}

func TestContextEndsTheProgram(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- run(ctx, []string{"-reader", l.Addr().String()}, io.Discard, io.Discard) }()
	conn, err := l.Accept()
	require.NoError(t, err)
	defer conn.Close()
	r := reader{t, conn}
	r.send(0x04)
	r.receive()
	cancel()
	require.NoError(t, <-done)
}

func TestWrongFlagsAndNoReader(t *testing.T) {
	for _, args := range [][]string{{"-bolt", "bends"}, {"extra"}, {"-nothing"}, {"-wait", "1ns", "-reader", "127.0.0.1:1"}} {
		require.Error(t, run(t.Context(), args, io.Discard, io.Discard), args)
	}
}

func TestBoltGathersEnergy(t *testing.T) {
	now := time.Unix(1000, 0)
	b := &bolt{harvest: 400 * time.Millisecond, motion: lock.Moved, now: func() time.Time { return now }}
	b.fieldOn()
	for _, tc := range []struct {
		elapsed, wait time.Duration
		percent       int
	}{
		{0, 400 * time.Millisecond, 0},
		{100 * time.Millisecond, 300 * time.Millisecond, 25},
		{399 * time.Millisecond, 10 * time.Millisecond, 99},
		{400 * time.Millisecond, 0, 100},
		{time.Hour, 0, 100},
	} {
		now = time.Unix(1000, 0).Add(tc.elapsed)
		percent, wait := b.Charge()
		require.Equal(t, tc.percent, percent)
		require.Equal(t, tc.wait, wait)
	}
	require.Equal(t, lock.Moved, b.Drive(credential.OperationOpen, 0))
	percent, _ := b.Charge()
	require.Zero(t, percent)
}

func TestBoltWithoutHarvestIsAlwaysReady(t *testing.T) {
	b := &bolt{now: time.Now}
	b.fieldOn()
	percent, _ := b.Charge()
	require.Equal(t, 100, percent)
}

func TestFieldSwitchedBeginsAnew(t *testing.T) {
	now := time.Unix(1000, 0)
	b := &bolt{harvest: time.Second, now: func() time.Time { return now }}
	w := &watched{lock: apdu.NewCard(nil, apdu.CardConfig{}), bolt: b, out: io.Discard}
	b.fieldOn()
	now = now.Add(time.Second)
	w.Reset()
	percent, _ := b.Charge()
	require.Zero(t, percent)
}

func TestMotions(t *testing.T) {
	for name, want := range map[string]lock.Motion{"moves": lock.Moved, "sticks": lock.Stuck, "unseen": lock.Unseen} {
		got, err := motion(name)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestDecisionsInOneLine(t *testing.T) {
	require.Equal(t, "deliver: the issuer's certificate is asked for", describe(lock.Event{
		Asked: true, Operation: credential.OperationDeliver, Outcome: credential.OutcomePending,
	}), "nothing is decided yet")
	require.Equal(t, "deliver: opened, right of operator (post), grant 0102000000000000", describe(lock.Event{
		Operation: credential.OperationDeliver, Outcome: credential.OutcomeOpened,
		Role: credential.RoleOperator, Service: credential.ServicePost, Who: credential.Tag{1, 2},
	}))
	require.Equal(t, "refused, signature: bad", describe(lock.Event{
		Operation: credential.OperationOpen, Outcome: credential.OutcomeRefused,
		Reason: credential.ReasonSignature, Err: errors.New("bad"),
	}))
	require.Equal(t, "configure: done, right of owner, key 0100000000000000, reference 0900000000000000", describe(lock.Event{
		Operation: credential.OperationConfigure, Outcome: credential.OutcomeDone,
		Role: credential.RoleOwner, Who: credential.Tag{1}, Reference: credential.Reference{9},
	}))
	require.Equal(t, "a document is taken", describe(lock.Event{Document: true}))
	require.Equal(t, "a document is not taken, superseded: old", describe(lock.Event{
		Document: true, Reason: credential.ReasonSuperseded, Err: errors.New("old"),
	}))
}
