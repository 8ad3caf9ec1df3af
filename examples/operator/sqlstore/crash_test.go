package sqlstore_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/sqlstore"
	"github.com/postern-lock/postern/issuer/ledger"
)

var kills = flag.Int("kills", 100, "how often the crash test kills an issuer on PostgreSQL; on SQLite a fifth of that")

// asIssuer is the first argument of a process of this test that is an issuer.
const asIssuer = "issuer-that-is-killed"

// issuer is the process that the crash test kills.  It commits grants and reserves
// lists, one after the other, and says what was acknowledged, each in a line:
//
//	grant DUTY SERIAL TAG
//	list VERSION
//	gone TAG
func issuer(dsn, first, seed string) error {
	ctx := context.Background()
	s, err := sqlstore.Open(ctx, dsn)
	if err != nil {
		return err
	}
	n, _ := strconv.ParseUint(seed, 10, 64)
	random := rand.New(rand.NewPCG(n, 0))
	duty, _ := strconv.Atoi(first)
	for signed := uint64(0); ; {
		batch := make([]ledger.Record, 1+random.IntN(16))
		for i := range batch {
			batch[i] = record(uint32(duty + i))
			// Another grant of the same duty than any other issuer has.
			signed++
			batch[i].Tag = tagOf(n<<32 | signed)
		}
		duty += random.IntN(len(batch) + 1)
		kept, err := s.Commit(ctx, now, batch)
		if err != nil {
			return err
		}
		var out strings.Builder
		for _, r := range kept {
			fmt.Fprintf(&out, "grant %s %d %x\n", r.Duty, r.Serial, r.Tag[:])
		}
		list, err := s.NextList(ctx, credential.KeyID{7}, now, longest)
		if err != nil {
			return err
		}
		fmt.Fprintf(&out, "list %d\n", list.Version)
		if random.IntN(8) == 0 {
			if err := s.Withdraw(ctx, now, []credential.Tag{kept[0].Tag}); err != nil {
				return err
			}
			fmt.Fprintf(&out, "gone %x\n", kept[0].Tag[:])
		}
		if _, err := os.Stdout.WriteString(out.String()); err != nil {
			return err
		}
	}
}

// tagOf returns the tag of a number.
func tagOf(n uint64) (tag credential.Tag) {
	binary.BigEndian.PutUint64(tag[:], n)
	return tag
}

// told is what issuers said was acknowledged.
type told struct {
	mu     sync.Mutex
	grants map[string]string // serial and tag of a duty
	lists  map[uint64]bool
	newest uint64 // the greatest version of a list
	gone   map[string]bool
	own    map[string]bool // duties whose grant was acknowledged to who signed it
	faults []string
	most   int // the number of the greatest duty
}

// note notes one line of an issuer.
func (a *told) note(line string, issuer uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	words := strings.Fields(line)
	switch {
	case len(words) == 4 && words[0] == "grant":
		was, ok := a.grants[words[1]]
		if is := words[2] + " " + words[3]; ok && was != is {
			a.faults = append(a.faults, fmt.Sprintf("duty %s was given as %s and as %s", words[1], was, is))
		}
		a.grants[words[1]] = words[2] + " " + words[3]
		if strings.HasPrefix(words[3], fmt.Sprintf("%08x", issuer)) {
			a.own[words[1]] = true
		}
		if b, err := hex.DecodeString(words[1]); err == nil {
			a.most = max(a.most, int(binary.BigEndian.Uint32(b)))
		}
	case len(words) == 2 && words[0] == "list":
		version, err := strconv.ParseUint(words[1], 10, 32)
		if err != nil || a.lists[version] {
			a.faults = append(a.faults, "list "+words[1]+" was given twice, or is none")
		}
		a.lists[version], a.newest = true, max(a.newest, version)
	case len(words) == 2 && words[0] == "gone":
		a.gone[words[1]] = true
	default:
		a.faults = append(a.faults, "an issuer said: "+line)
	}
}

// live runs an issuer, kills it a moment after its first answer, and notes what it
// said.
func (a *told) live(dsn string, seed uint64) error {
	a.mu.Lock()
	first := max(0, a.most-8)
	a.mu.Unlock()
	c := exec.Command(os.Args[0], asIssuer, dsn, strconv.Itoa(first), strconv.FormatUint(seed, 10))
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	said := new(strings.Builder)
	c.Stderr = said
	if err := c.Start(); err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(seed, 1))
	kill := func(within int) {
		time.AfterFunc(time.Duration(random.IntN(within))*time.Millisecond, func() { _ = c.Process.Kill() })
	}
	began := random.IntN(8) == 0
	if began {
		kill(60) // while it opens the database, or soon after
	}
	for r := bufio.NewReader(out); ; {
		line, err := r.ReadString('\n')
		if err != nil {
			break // a line that was cut off acknowledges nothing
		}
		a.note(line, seed)
		if !began {
			began = true
			kill(150)
		}
	}
	if err := c.Wait(); c.ProcessState.String() != "signal: killed" {
		return fmt.Errorf("an issuer ended by itself: %w: %s", err, said)
	}
	return nil
}

func TestIssuersAreKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("kills issuers for many seconds")
	}
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			times := *kills
			if d.name == "SQLite" {
				times /= 5
			}
			crash(t, d.empty(t), times)
		})
	}
}

// crash runs two issuers on one database at a time, kills them as often as told, and
// holds the ledger to what they said.
func crash(t *testing.T, dsn string, times int) {
	a := &told{grants: make(map[string]string), lists: make(map[uint64]bool), gone: make(map[string]bool), own: make(map[string]bool)}
	errs := make([]error, times)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for i := int(next.Add(1)); i <= times; i = int(next.Add(1)) {
				if errs[i-1] = a.live(dsn, uint64(i)); errs[i-1] != nil {
					return
				}
			}
		})
	}
	ctx, done := context.WithCancel(t.Context())
	defer done()
	s := open(t, dsn)
	missed := make(chan error, 1)
	go func() { missed <- follow(ctx, s) }()
	wg.Wait()
	done()
	require.NoError(t, <-missed)
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.Empty(t, a.faults)
	require.NotEmpty(t, a.grants)
	unsaid := a.require(t, s)
	t.Logf("%d kills; %d grants, %d lists and %d withdrawals were acknowledged and are there; %d grants were committed as who signed them died",
		times, len(a.grants), len(a.lists), len(a.gone), unsaid)
}

// follow reads on and on while issuers commit, and tells where it missed a serial.
func follow(ctx context.Context, s *sqlstore.Store) error {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for last := uint64(0); ; {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		some, err := s.Since(ctx, last, ledger.MaxNewest)
		if err != nil && ctx.Err() == nil {
			return err
		}
		for _, r := range some {
			if last++; r.Serial != last {
				return fmt.Errorf("a reader expected serial %d and got %d", last, r.Serial)
			}
		}
	}
}

// require holds the ledger to what was acknowledged, and returns how many grants were
// committed and never acknowledged to who signed them.
func (a *told) require(t *testing.T, s *sqlstore.Store) (unsaid int) {
	var last uint64
	found := 0
	duties, tags := make(map[ledger.DutyID]bool), make(map[credential.Tag]bool)
	for {
		some, err := s.Since(t.Context(), last, ledger.MaxNewest)
		require.NoError(t, err)
		for _, r := range some {
			last++
			require.Equal(t, last, r.Serial, "serials have a gap")
			require.False(t, duties[r.Duty] || tags[r.Tag], "something is there twice")
			duties[r.Duty], tags[r.Tag] = true, true
			duty, tag := r.Duty.String(), hex.EncodeToString(r.Tag[:])
			if is, ok := a.grants[duty]; ok {
				found++
				require.Equal(t, fmt.Sprintf("%d %s", r.Serial, tag), is)
			}
			if !a.own[duty] {
				unsaid++
			}
			require.True(t, !a.gone[tag] || r.Withdrawn == now, "a withdrawal is lost")
		}
		if len(some) == 0 {
			break
		}
	}
	require.Equal(t, len(a.grants), found, "an acknowledged grant is lost")
	list, err := s.NextList(t.Context(), credential.KeyID{7}, now, longest)
	require.NoError(t, err)
	require.Greater(t, uint64(list.Version), a.newest, "a version that was acknowledged is lost")
	return unsaid
}
