// Mailbox plays a year at a letter box whose lock has no battery, no clock and no
// network, with everybody who comes by: its owner, who moves in and sells the
// house in the end, postmen and couriers, a neighbour with a child, and those who
// should not get in.  Phones, lock and issuers are the
// real ones of this library; only the NFC field, the flash memory and the bolt
// are simulated.
//
// Read the files in this order; each shows one part of the public API:
//
//	calendar.go         the days
//	parties.go          issuer: a scheme, a national post, a carrier, a manufacturer, an owner
//	box.go              lock: a letter box, powered up anew for every tap
//	phones.go           credential/holder: the phones
//	grants.go, home.go  what operators and the owner sign, and what the owner's app keeps
//	steps_*.go          what happens, season by season
//	attacks.go          what an attacker can do with public bytes
//	story.go            how a step is played and measured
//	expect.go           how every step must end
//	reading.go          apdu: what went over the link, and what a listener reads
//	print.go and others the story for people: exchange.go, says.go, tables.go
//	json.go             the story in figures
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
	statusGood  = 0 // every step ended as it must
	statusBad   = 1 // a step ended otherwise, or could not be played
	statusUsage = 2 // the command line was wrong
)

const usage = `usage: mailbox [-json] [-v]

Plays a year at a letter box with a battery-less NFC lock and tells the story: who
comes, what phone and lock say to each other, what the lock decides and why.

  -json   print one JSON object a line for each step, and no story: step, outcome,
          reason, pairs, bytes, lock_ops (the lock's public-key operations by
          kind), flash_bytes (bytes that the step programmed)
  -v      print every byte of every exchange
  -h      print this help

Exit status: 0 if every step ended as it must, 1 if one did not, 2 for a wrong
command line.
`

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr, expectations))
}

// run is the program: it plays the story, compares it with what is expected and
// returns the exit status.
func run(args []string, stdout, stderr io.Writer, expected []expectation) int {
	var asJSON, verbose bool
	var complaint bytes.Buffer
	flags := flag.NewFlagSet("mailbox", flag.ContinueOnError)
	flags.SetOutput(&complaint)
	flags.Usage = func() { fmt.Fprint(&complaint, usage) }
	flags.BoolVar(&asJSON, "json", false, "")
	flags.BoolVar(&verbose, "v", false, "")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return statusGood
	case err != nil:
		fmt.Fprint(stderr, complaint.String())
		return statusUsage
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "unknown argument %q\n%s", flags.Arg(0), usage)
		return statusUsage
	}

	out := bufio.NewWriter(stdout)
	var t teller = &printer{w: out, verbose: verbose}
	if asJSON {
		t = &figures{w: out}
	}
	faults, err := tell(t, expected)
	if err := errors.Join(err, out.Flush()); err != nil {
		fmt.Fprintf(stderr, "mailbox: %v\n", err)
		return statusBad
	}
	for _, fault := range faults {
		fmt.Fprintf(stderr, "mailbox: %s\n", fault)
	}
	if len(faults) > 0 {
		return statusBad
	}
	return statusGood
}
