package lock_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/worldtest"
)

const selectHex = "00A4040009F0504F535445524E0100"

// unhex decodes hexadecimal digits; spaces do not count.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(string(bytes.ReplaceAll([]byte(s), []byte(" "), nil)))
	require.NoError(t, err)
	return b
}

// status sends a command and returns the status word.
func status(t testing.TB, w *worldtest.World, command []byte) apdu.Status {
	t.Helper()
	r, err := apdu.ParseResponse(bytes.Clone(w.Lock.Process(command)))
	require.NoError(t, err)
	return r.SW
}

// record opens the lock with the phone and returns the commands that it took.
// Sent to a world made anew, they open that one too, because its lock draws the
// same random bytes.
func record(t testing.TB, open func(*worldtest.World, apdu.Transceiver)) [][]byte {
	t.Helper()
	w := worldtest.New(t)
	tracer := apdu.NewTracer(w.Link())
	open(w, tracer)
	var commands [][]byte
	for _, p := range tracer.Pairs() {
		commands = append(commands, p.Command)
	}
	return commands
}

func ownerOpens(t testing.TB) func(*worldtest.World, apdu.Transceiver) {
	return func(w *worldtest.World, link apdu.Transceiver) {
		r, err := w.OwnerPhone(t).Open(t.Context(), link, credential.OperationOpen)
		require.NoError(t, err)
		require.Equal(t, credential.OutcomeOpened, r.Outcome)
	}
}

func postmanDelivers(t testing.TB) func(*worldtest.World, apdu.Transceiver) {
	return func(w *worldtest.World, link apdu.Transceiver) {
		r, err := w.PostmanPhone(t).Open(t.Context(), link, credential.OperationDeliver)
		require.NoError(t, err)
		require.Equal(t, credential.OutcomeOpened, r.Outcome)
	}
}

func TestSelectAnswer(t *testing.T) {
	w := worldtest.New(t)
	answer := w.Lock.Process(unhex(t, selectHex))
	require.Len(t, answer, 36)
	require.Equal(t, unhex(t, "6F20 851E 84 01 181E 48 1020304050607080 50"), answer[:18])
	require.Equal(t, []byte{0x90, 0x00}, answer[34:])
	first := bytes.Clone(answer)
	require.NotEqual(t, first, w.Lock.Process(unhex(t, selectHex)), "the nonce must change")
}

func TestCommandsThatAreNotOnes(t *testing.T) {
	for name, c := range map[string]struct {
		command string
		want    apdu.Status
	}{
		"other application":         {"00A4040007A0000002471001 00", apdu.StatusNotFound},
		"longer application name":   {"00A404000AF0504F535445524E0100 00", apdu.StatusNotFound},
		"shorter application name":  {"00A4040008F0504F535445524E 00", apdu.StatusNotFound},
		"select by file id":         {"00A40000023F0000", apdu.StatusWrongP1P2},
		"select without FCI":        {"00A4040C09F0504F535445524E01", apdu.StatusWrongP1P2},
		"class of another kind":     {"0110000001FF00", apdu.StatusClaUnknown},
		"secure messaging class":    {"8410000001FF00", apdu.StatusClaUnknown},
		"unknown instruction":       {"8018000001FF00", apdu.StatusInsUnknown},
		"handshake-1 with P1 of 2":  {"8010020001FF00", apdu.StatusWrongP1P2},
		"handshake-1 with P2":       {"8010000101FF00", apdu.StatusWrongP1P2},
		"handshake-2 with P1":       {"8012010001FF00", apdu.StatusWrongP1P2},
		"request with P2":           {"8014000101FF00", apdu.StatusWrongP1P2},
		"handshake-2 too early":     {"8012000001FF00", apdu.StatusOutOfOrder},
		"request too early":         {"8014000001FF00", apdu.StatusOutOfOrder},
		"handshake-1 with no bytes": {"8010000000", apdu.StatusRefused},
		"handshake-1 with nonsense": {"8010000001FF00", apdu.StatusRefused},
		"instruction of class 80":   {"0010000001FF00", apdu.StatusInsUnknown},
		"cut off":                   {"8010", apdu.StatusWrongLength},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			before := w.Flash.Programmed
			require.Equal(t, apdu.StatusOK, status(t, w, unhex(t, selectHex)))
			require.Equal(t, c.want, status(t, w, unhex(t, c.command)))
			commands := record(t, ownerOpens(t))
			next := apdu.StatusOutOfOrder
			if c.want == apdu.StatusClaUnknown || c.want == apdu.StatusInsUnknown {
				next = apdu.StatusOK // a phone's own test for presence spares the transaction
			}
			require.Equal(t, next, status(t, w, commands[1]))
			require.Equal(t, before, w.Flash.Programmed)
			require.Zero(t, w.Bolt.Driven)
			ownerOpens(t)(w, w.Link())
		})
	}
}

// TestOrderOfCommands sends every command in every stage of a transaction.
func TestOrderOfCommands(t *testing.T) {
	commands := record(t, ownerOpens(t))
	require.Len(t, commands, 3)
	request := unhex(t, "80140000 0A 00112233445566778899 00")
	for stage := range 4 { // commands sent properly before
		for name, c := range map[string]struct {
			command []byte
			in      int // the only stage in which it fits
		}{
			"HANDSHAKE-1": {commands[1], 1},
			"HANDSHAKE-2": {commands[2], 2},
			"REQUEST":     {request, 3},
		} {
			if stage == c.in {
				continue
			}
			w := worldtest.New(t)
			for _, before := range commands[:stage] {
				require.Equal(t, apdu.StatusOK, status(t, w, before))
			}
			driven := w.Bolt.Driven
			require.Equal(t, apdu.StatusOutOfOrder, status(t, w, c.command), "%s in stage %d", name, stage)
			require.Equal(t, credential.ReasonSequence, w.LastEvent().Reason)
			require.Equal(t, apdu.StatusOutOfOrder, status(t, w, request), "the transaction must be over")
			require.Equal(t, driven, w.Bolt.Driven)
		}
	}
}

func TestSecondSelectBeginsAnew(t *testing.T) {
	commands := record(t, ownerOpens(t))
	for stage := range 3 {
		w := worldtest.New(t)
		for _, c := range commands[:stage+1] {
			require.Equal(t, apdu.StatusOK, status(t, w, c))
		}
		driven := w.Bolt.Driven
		require.Equal(t, apdu.StatusOK, status(t, w, commands[0]))
		require.Equal(t, apdu.StatusOutOfOrder, status(t, w, commands[2]))
		require.Equal(t, driven, w.Bolt.Driven)
		ownerOpens(t)(w, w.Link())
	}
}

func TestLostFieldForgetsTheTransaction(t *testing.T) {
	commands := record(t, ownerOpens(t))
	for sent := 1; sent < 3; sent++ {
		w := worldtest.New(t)
		for _, c := range commands[:sent] {
			require.Equal(t, apdu.StatusOK, status(t, w, c))
		}
		w.Lock.Reset()
		require.Equal(t, apdu.StatusOutOfOrder, status(t, w, commands[sent]))
		require.Empty(t, w.Openings())
		w.PowerUp(t)
		ownerOpens(t)(w, w.Link())
	}
}

// TestCopiedExchangeIsRefused replays what an eavesdropper heard.
func TestCopiedExchangeIsRefused(t *testing.T) {
	commands := record(t, postmanDelivers(t))
	w := worldtest.New(t)
	postmanDelivers(t)(w, w.Link())
	written, driven := w.Flash.Programmed, w.Bolt.Driven
	require.Equal(t, apdu.StatusOK, status(t, w, commands[0]))
	require.Equal(t, apdu.StatusOK, status(t, w, commands[1]))
	require.Equal(t, apdu.StatusRefused, status(t, w, commands[2]))
	require.Equal(t, apdu.StatusOutOfOrder, status(t, w, commands[3]))
	require.Equal(t, written, w.Flash.Programmed)
	require.Equal(t, driven, w.Bolt.Driven)
}

// TestEveryAlteredByteIsRefused alters every byte of every command of an
// opening.  The lock must not open, write nothing, and open again afterwards.
func TestEveryAlteredByteIsRefused(t *testing.T) {
	commands := record(t, ownerOpens(t))
	for k, command := range commands {
		for i := range command {
			for _, flip := range []byte{0x01, 0x80} {
				altered := bytes.Clone(command)
				altered[i] ^= flip
				w := worldtest.New(t)
				before := w.Flash.Programmed
				for _, c := range commands[:k] {
					w.Lock.Process(c)
				}
				w.Lock.Process(altered)
				for _, c := range commands[k+1:] {
					w.Lock.Process(c)
				}
				// Le is the one byte that carries nothing: SELECT and the
				// handshake do not depend on it.
				if i == len(command)-1 {
					continue
				}
				require.Zero(t, w.Bolt.Driven, "command %d, byte %d", k, i)
				require.Equal(t, before, w.Flash.Programmed, "command %d, byte %d", k, i)
			}
		}
	}
}

func TestEveryCutOffCommandIsRefused(t *testing.T) {
	commands := record(t, ownerOpens(t))
	for k, command := range commands {
		for n := range command {
			w := worldtest.New(t)
			for _, c := range commands[:k] {
				w.Lock.Process(c)
			}
			w.Lock.Process(command[:n])
			for _, c := range commands[k+1:] {
				w.Lock.Process(c)
			}
			if n == len(command)-1 {
				continue // Le is missing: the answer waits for GET RESPONSE
			}
			require.Zero(t, w.Bolt.Driven, "command %d, %d bytes", k, n)
		}
	}
}

func TestOversizedChainIsRefused(t *testing.T) {
	w := worldtest.New(t)
	require.Equal(t, apdu.StatusOK, status(t, w, unhex(t, selectHex)))
	part := append(unhex(t, "90100000FF"), make([]byte, 255)...)
	for range 4 {
		require.Equal(t, apdu.StatusOK, status(t, w, part))
	}
	require.Equal(t, apdu.StatusWrongLength, status(t, w, part))
	commands := record(t, ownerOpens(t))
	require.Equal(t, apdu.StatusOutOfOrder, status(t, w, commands[1]))
}

// FuzzCommands sends arbitrary commands in every stage of a transaction.
func FuzzCommands(f *testing.F) {
	commands := record(f, postmanDelivers(f))
	for k, c := range commands {
		f.Add(uint8(k), c)
	}
	f.Fuzz(func(t *testing.T, before uint8, command []byte) {
		w := worldtest.New(t)
		for _, c := range commands[:int(before)%len(commands)] {
			w.Lock.Process(c)
		}
		written := w.Flash.Programmed
		r, err := apdu.ParseResponse(w.Lock.Process(command))
		require.NoError(t, err)
		if r.SW.IsError() {
			require.Empty(t, r.Data)
			require.Equal(t, written, w.Flash.Programmed)
		}
	})
}
