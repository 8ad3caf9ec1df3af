// Costs tells what one tap costs a lock: operations with public keys, blocks of
// hashes and ciphers, bytes on the link, and flash, for every kind of tap; and
// the milliseconds that follow for small processors.  The counts come from runs
// of the library.  The times are a model's, from figures that others published.
//
//	kinds.go                    every kind of tap; add one here
//	holders.go, chains.go       what comes before the tap that is counted
//	bringers.go, strangers.go
//	full.go, rounds.go          the same for a lock with a full memory
//	stage.go, issuers.go        the lock and everybody around it
//	taps.go, keys.go
//	measure.go                  a tap, and what is seen of it from outside the lock
//	instrument.go, probes.go    what is counted inside: hashes, ciphers, points
//	counts.go                   the counts, and the golden file that holds them
//	figures.go, model.go        cycles and their sources; from counts to times
//	print.go, json.go           for people and for programs
package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

// Exit statuses.
const (
	statusGood  = 0
	statusBad   = 1 // a tap did not end as it must, or its counts have changed
	statusUsage = 2 // the command line was wrong
)

const usage = `usage: costs [-json | -count | -golden DIR]

Plays every kind of tap at a simulated lock and prints what it costs the lock, and
how long that would take on a Cortex-M0, a Cortex-M4 and a Cortex-M33.  Every number
is counted, published or estimated, and says which.

  -json          print one JSON object for programs
  -count         count everything anew, with a copy of this program that the go
                 command builds with counters, and print testdata/counts.csv
  -golden DIR    the same, and write counts.csv and tables.txt into the folder
  -counters DIR  what that copy does: play every tap and write the counters to DIR
  -h             print this help

Exit status: 0, 1 if a tap did not end as it must or its counts are not the golden
ones, 2 for a wrong command line.
`

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr, golden))
}

// run is the program, with the text of the golden file.
func run(args []string, stdout, stderr io.Writer, golden string) int {
	var asJSON, count bool
	var counters, folder string
	var complaint bytes.Buffer
	flags := flag.NewFlagSet("costs", flag.ContinueOnError)
	flags.SetOutput(&complaint)
	flags.Usage = func() { fmt.Fprint(&complaint, usage) }
	flags.BoolVar(&asJSON, "json", false, "")
	flags.BoolVar(&count, "count", false, "")
	flags.StringVar(&counters, "counters", "", "")
	flags.StringVar(&folder, "golden", "", "")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return statusGood
	case err != nil:
		fmt.Fprint(stderr, complaint.String())
		return statusUsage
	case flags.NArg() > 0 || flags.NFlag() > 1:
		fmt.Fprintf(stderr, "costs takes one flag at most, and no argument\n%s", usage)
		return statusUsage
	}

	out := bufio.NewWriter(stdout)
	var err error
	switch {
	case counters != "":
		err = writeCounters(counters)
	case count:
		err = printGolden(out)
	case folder != "":
		err = writeGoldenFiles(folder)
	case asJSON:
		err = report(out, golden, printJSON)
	default:
		err = report(out, golden, printTables)
	}
	if err := errors.Join(err, out.Flush()); err != nil {
		fmt.Fprintf(stderr, "costs: %v\n", err)
		return statusBad
	}
	return statusGood
}

// report measures every kind of tap, takes what cannot be seen from outside the
// lock from the golden counts, and prints it all.
func report(w io.Writer, golden string, print func(io.Writer, findings) error) error {
	g, err := readGolden(golden)
	if err != nil {
		return err
	}
	all, err := measureAll()
	if err != nil {
		return err
	}
	if err := complete(all, g); err != nil {
		return err
	}
	rounds, err := goRounds()
	if err != nil {
		return err
	}
	return print(w, findings{g.goVersion, all, rounds})
}

// findings are all that is printed.
type findings struct {
	version string // of Go, with which the blocks were counted
	taps    map[string]counts
	rounds  rounds
}
