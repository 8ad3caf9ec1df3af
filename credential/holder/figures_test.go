package holder_test

import (
	"bytes"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/worldtest"
)

var update = flag.Bool("update", false, "write testdata/figures.csv anew")

// tap is one tap whose bytes are counted.
type tap struct {
	name      string
	operation credential.Operation
	extended  bool // lock and phone carry extended APDUs
	pairs     int  // that it may take
	bytes     int  // that it may take; 0 where nothing was promised
	phone     func(t *testing.T, w *worldtest.World) *holder.Phone
	// run taps in another way than by Open; nil for Open.
	run func(t *testing.T, p *holder.Phone, link apdu.Transceiver) (holder.Result, error)
}

// taps are those of section 5.8 and the bounds that were set for them.
var taps = []tap{
	{"owner, lock known", credential.OperationOpen, false, 3, 520, func(t *testing.T, w *worldtest.World) *holder.Phone {
		return knowing(t, w, w.OwnerPhone(t))
	}, nil},
	{"owner, first visit", credential.OperationOpen, false, 3, 850, func(t *testing.T, w *worldtest.World) *holder.Phone {
		return w.OwnerPhone(t)
	}, nil},
	{"owner, state", credential.OperationStatus, false, 3, 520, func(t *testing.T, w *worldtest.World) *holder.Phone {
		return knowing(t, w, w.OwnerPhone(t))
	}, nil},
	{"guest, lock known", credential.OperationOpen, false, 3, 520, func(t *testing.T, w *worldtest.World) *holder.Phone {
		return knowing(t, w, w.NeighbourPhone(t))
	}, nil},
	{"guest, first visit", credential.OperationOpen, false, 3, 850, func(t *testing.T, w *worldtest.World) *holder.Phone {
		return w.NeighbourPhone(t)
	}, nil},
	{"postman, lock and operator known", credential.OperationDeliver, false, 3, 520, func(t *testing.T, w *worldtest.World) *holder.Phone {
		requireOpened(t, w, w.PostmanPhone(t), w.Link(), credential.OperationDeliver) // a colleague was there
		return knowing(t, w, w.PostmanPhone(t))
	}, nil},
	{"postman, operator known", credential.OperationDeliver, false, 3, 850, func(t *testing.T, w *worldtest.World) *holder.Phone {
		requireOpened(t, w, w.PostmanPhone(t), w.Link(), credential.OperationDeliver)
		return w.PostmanPhone(t)
	}, nil},
	{"postman, first visit of all", credential.OperationDeliver, true, 4, 850, func(t *testing.T, w *worldtest.World) *holder.Phone {
		return w.PostmanPhone(t)
	}, nil},
	{"postman, first visit of all", credential.OperationDeliver, false, 6, 850, func(t *testing.T, w *worldtest.World) *holder.Phone {
		return w.PostmanPhone(t)
	}, nil},
	{"postman, four areas, first visit of all", credential.OperationDeliver, true, 4, 0, longPostman, nil},
	{"postman, four areas, first visit of all", credential.OperationDeliver, false, 6, 0, longPostman, nil},
	{"owner, resumed", credential.OperationOpen, false, 2, 120, func(t *testing.T, w *worldtest.World) *holder.Phone {
		return keeping(t, w, w.OwnerPhone(t), credential.OperationOpen)
	}, nil},
	{"guest, resumed", credential.OperationOpen, false, 2, 120, func(t *testing.T, w *worldtest.World) *holder.Phone {
		return keeping(t, w, w.NeighbourPhone(t), credential.OperationOpen)
	}, nil},
	{"postman, resumed", credential.OperationDeliver, false, 2, 120, func(t *testing.T, w *worldtest.World) *holder.Phone {
		return keeping(t, w, w.PostmanPhone(t), credential.OperationDeliver)
	}, nil},
	{"guest refused", credential.OperationDeliver, false, 3, 520, func(t *testing.T, w *worldtest.World) *holder.Phone {
		return knowing(t, w, w.NeighbourPhone(t))
	}, nil},
	{"owner, one wait", credential.OperationOpen, false, 4, 0, func(t *testing.T, w *worldtest.World) *holder.Phone {
		w.Bolt.Charges = []int{50}
		p := knowing(t, w, w.OwnerPhone(t))
		p.Wait = noWait
		return p
	}, nil},
	{"owner, lock replaced", credential.OperationOpen, false, 5, 0, func(t *testing.T, w *worldtest.World) *holder.Phone {
		p := knowing(t, w, w.OwnerPhone(t))
		replace(t, w)
		return p
	}, nil},
	{"owner with a P-256 key, lock known", credential.OperationOpen, false, 3, 520, func(t *testing.T, w *worldtest.World) *holder.Phone {
		twoSuites(t, w)
		p := p256Phone(t, w, "owner", nil)
		requireOpened(t, w, p, w.Link(), credential.OperationOpen)
		return p
	}, nil},
	{"guest with a P-256 key, lock known", credential.OperationOpen, false, 3, 520, func(t *testing.T, w *worldtest.World) *holder.Phone {
		twoSuites(t, w)
		guest := w.GuestClaims()
		p := p256Phone(t, w, "neighbour", &guest)
		requireOpened(t, w, p, w.Link(), credential.OperationOpen)
		return p
	}, nil},
	{"guest with a P-256 key, first visit", credential.OperationOpen, true, 3, 850, func(t *testing.T, w *worldtest.World) *holder.Phone {
		twoSuites(t, w)
		guest := w.GuestClaims()
		return p256Phone(t, w, "neighbour", &guest)
	}, nil},
	{"guest with a P-256 key, first visit", credential.OperationOpen, false, 6, 850, func(t *testing.T, w *worldtest.World) *holder.Phone {
		twoSuites(t, w)
		guest := w.GuestClaims()
		return p256Phone(t, w, "neighbour", &guest)
	}, nil},
}

// knowing has the phone learn the lock's certificate.
func knowing(t *testing.T, w *worldtest.World, p *holder.Phone) *holder.Phone {
	t.Helper()
	know(t, w, p)
	return p
}

// keeping has the phone keep a resumption slot of the lock.
func keeping(t *testing.T, w *worldtest.World, p *holder.Phone, operation credential.Operation) *holder.Phone {
	t.Helper()
	p.Slots = holder.NewSlots()
	requireOpened(t, w, p, w.Link(), operation)
	return p
}

// asking taps with the ask.
func asking(ask holder.Ask) func(*testing.T, *holder.Phone, apdu.Transceiver) (holder.Result, error) {
	return func(t *testing.T, p *holder.Phone, link apdu.Transceiver) (holder.Result, error) {
		return p.Do(t.Context(), link, ask)
	}
}

// figures carries a tap out and returns its row of the table: its name, the
// APDUs it may use, pairs, bytes, and bytes of command + response of each pair.
func figures(t *testing.T, c tap) (row []string, cost apdu.Cost) {
	t.Helper()
	w := worldtest.New(t)
	w.Config.ExtendedLength = c.extended
	w.PowerUp(t)
	p := c.phone(t, w)
	tr := apdu.NewTracer(w.Link())
	run := c.run
	if run == nil {
		run = asking(holder.Ask{Operation: c.operation})
	}
	r, err := run(t, p, tr)
	require.NoError(t, err)
	require.Equal(t, tr.Cost(), r.Cost)
	apdus := "short"
	if c.extended {
		apdus = "extended"
	}
	row = []string{c.name, apdus, strconv.Itoa(r.Cost.Pairs), strconv.Itoa(r.Cost.Bytes)}
	var pairs []string
	for _, pair := range tr.Pairs() {
		command, err := apdu.ParseCommand(pair.Command)
		require.NoError(t, err)
		require.True(t, c.extended || !apdu.IsExtended(pair.Command), "extended length fields at a lock without them")
		pairs = append(pairs, fmt.Sprintf("%s %d+%d", command.Name(), len(pair.Command), len(pair.Response)))
	}
	return append(row, strings.Join(pairs, "; ")), r.Cost
}

// TestFigures holds every tap to its bounds and to the very bytes that were
// counted before.  Run with -update after a change that is meant.
func TestFigures(t *testing.T) {
	const file = "testdata/figures.csv"
	var table bytes.Buffer
	out := csv.NewWriter(&table)
	require.NoError(t, out.Write([]string{"tap", "apdus", "pairs", "bytes", "command + response of each pair"}))
	for _, c := range slices.Concat(taps, wholeTaps) {
		row, cost := figures(t, c)
		require.NoError(t, out.Write(row))
		require.LessOrEqual(t, cost.Pairs, c.pairs, c.name)
		if c.bytes > 0 {
			require.LessOrEqual(t, cost.Bytes, c.bytes, c.name)
		}
	}
	out.Flush()
	if *update {
		require.NoError(t, os.WriteFile(file, table.Bytes(), 0o644))
	}
	golden, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, strings.ReplaceAll(string(golden), "\r\n", "\n"), table.String())
}

// TestFiguresDependOnNoRandomness counts again with other random numbers.
func TestFiguresDependOnNoRandomness(t *testing.T) {
	for _, c := range taps[:3] {
		want, _ := figures(t, c)
		for label := range 3 {
			again := c
			again.phone = func(t *testing.T, w *worldtest.World) *holder.Phone {
				w.Config.Rand = worldtest.Rand(fmt.Sprint("lock ", label))
				w.PowerUp(t)
				p := c.phone(t, w)
				p.Rand = worldtest.Rand(fmt.Sprint("phone ", label))
				return p
			}
			row, _ := figures(t, again)
			require.Equal(t, want, row)
		}
	}
}
