// Audit holds receipts and logs of locks against whoever has to answer for them:
// it reads a folder or standard input, writes a CSV for analysts, and says what is
// wrong.  Without arguments it makes a small world with honest locks and liars,
// audits it, and explains what it found.
//
//	lines.go     a receipt or a page for each line of JSON
//	trust.go     whom to trust, and the secrets of those who may see more
//	audit.go     from files to a CSV and a summary
//	story.go     the small world
//	scenes.go    what its locks do
//	sample.go    the small world as files, to try the command on
package main

import (
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
	statusBad   = 1 // something is wrong in what was audited, or it could not be audited
	statusUsage = 2 // the command line was wrong
)

const usage = `usage: audit [-trust FILE] [-keys FILE] [-csv FILE] [-part N -parts N] [-limit N] FOLDER
       audit [the same flags] -
       audit -sample FOLDER
       audit

Audits the receipts and log pages in the files FOLDER/*.ndjson, or on standard input.
Without arguments it tells a story of a small street and what an audit finds there.

  -trust FILE     roots, makers' certificates and lists (FOLDER/trust.json)
  -keys FILE      log keys, which are secrets of the owners: they open sealed pages, and
                  find the heads that receipts for others hide (none)
  -csv FILE       where the CSV goes, a new file, which is removed again where the audit
                  cannot end (standard output; the summary to standard error)
  -part N         look at part N of the locks alone, from 0 (0)
  -parts N        how many parts there are, for more than fits into memory (1)
  -limit N        how many receipts and entries are held at once (4194304)
  -sample FOLDER  write the small street as files into a new folder, to try the command on
  -h              print this help

Exit status: 0, 1 if something is wrong or could not be read, 2 for a wrong command line.
`

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// options are what the flags say.
type options struct {
	trust, keys, csv, sample string
	part, parts              uint
	limit                    int
	from                     string // a folder, or - for standard input
}

// run is the program.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var o options
	var complaint bytes.Buffer
	flags := flag.NewFlagSet("audit", flag.ContinueOnError)
	flags.SetOutput(&complaint)
	flags.Usage = func() { fmt.Fprint(&complaint, usage) }
	flags.StringVar(&o.trust, "trust", "", "")
	flags.StringVar(&o.keys, "keys", "", "")
	flags.StringVar(&o.csv, "csv", "", "")
	flags.StringVar(&o.sample, "sample", "", "")
	flags.UintVar(&o.part, "part", 0, "")
	flags.UintVar(&o.parts, "parts", 1, "")
	flags.IntVar(&o.limit, "limit", 0, "")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return statusGood
	case err != nil:
		fmt.Fprint(stderr, complaint.String())
		return statusUsage
	}
	wrong, err := false, error(nil)
	switch {
	case len(args) == 0:
		wrong, err = story(stdout)
	case o.sample != "" && flags.NFlag() == 1 && flags.NArg() == 0:
		err = writeSample(o.sample, stdout)
	case o.sample == "" && flags.NArg() == 1:
		o.from = flags.Arg(0)
		wrong, err = o.audit(stdin, stdout, stderr)
	default:
		fmt.Fprintf(stderr, "audit takes one folder, or - for standard input\n%s", usage)
		return statusUsage
	}
	if err != nil {
		fmt.Fprintf(stderr, "audit: %v\n", err)
	}
	if err != nil || wrong {
		return statusBad
	}
	return statusGood
}
