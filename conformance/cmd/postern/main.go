// Command postern holds a lock, an app or an issuer to the requirements of the
// Postern standard.  It is one static binary with every case and vector inside,
// and needs neither network nor account.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"

	"github.com/postern-lock/postern/conformance/certificate"
	"github.com/postern-lock/postern/conformance/shim"
)

// The exit statuses.
const (
	conforms  = 0
	conformsN = 1 // does not
	usage     = 2
	rig       = 3 // or inconclusive
	suite     = 4 // the suite's own fault
)

// status is an exit status that is no error.
type status int

func (s status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// errUsage says that the command line is wrong.
var errUsage = errors.New("usage")

// console is what a verb reads and writes.
type console struct {
	in       io.Reader
	out, err io.Writer
	terminal bool // out is one, so that a line can be written over
}

// verb is what the first argument names.
type verb struct {
	name, does string
	run        func(context.Context, console, []string) error
}

// verbs in the order of the help; those that do nothing are hidden.
func verbs() []verb {
	return []verb{
		{"run", "run the cases on a product", runVerb},
		{"report", "write a report as an HTML page, JUnit XML or a summary in Markdown", reportVerb},
		{"list", "list the cases", listVerb},
		{"explain", "explain a case or a requirement", explainVerb},
		{"doctor", "measure the rig, before anybody blames the product", doctorVerb},
		{"profile", "write the proforma that says what a product claims, or check one", profileVerb},
		{"trace", "print which case shows which requirement, and what is lacking", traceVerb},
		{"vectors", "write the test vectors out as files", vectorsVerb},
		{"mutants", "have the cases find deliberate faults, to prove that they would", mutantsVerb},
		{"certify", "sign that a build conforms, on the report of its run", certifyVerb},
		{"verify", "check a certificate against its evidence and a build", verifyVerb},
		{"inspect", "decode an object, a command, a response or a transcript, and say what is wrong with it", inspectVerb},
		{"budget", "print what the taps of a report cost", budgetVerb},
		{"completion", "print what makes bash, zsh or fish complete verbs, flags and ids", completionVerb},
		{"complete", "", completeVerb},
		{"version", "print which build of the suite this is", versionVerb},
		{"serve-lock", "", serveLockVerb},
		{"serve-app", "", serveAppVerb},
		{"serve-issuer", "", serveIssuerVerb},
	}
}

func main() {
	debug.SetGCPercent(400) // the tool lives for seconds, and half of a short life would go into tidying up
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	info, err := os.Stdout.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
	os.Exit(postern(ctx, console{os.Stdin, os.Stdout, os.Stderr, terminal}, os.Args[1:]))
}

// postern carries out a command line and returns the exit status.
func postern(ctx context.Context, c console, args []string) int {
	c = c.clean()
	name := "help"
	if len(args) > 0 {
		name = args[0]
	}
	switch name {
	case "help", "-h", "--help":
		if len(args) < 2 || slices.Equal(args[1:], []string{"help"}) || slices.Equal(args[1:], []string{"-h"}) {
			help(c.out)
			return conforms
		}
		if len(args) > 2 {
			fmt.Fprintf(c.err, "postern help: usage: unexpected argument %q\n", args[2])
			return usage
		}
		name, args = args[1], []string{args[1], "-h"} // help VERB is VERB -h
	}
	for _, v := range verbs() {
		if v.name == name {
			return exit(c, name, v.run(ctx, c, args[1:]))
		}
	}
	fmt.Fprintf(c.err, "postern: there is no verb %q; postern help lists them\n", name)
	return usage
}

// exit returns the exit status of an error, and prints it.
func exit(c console, name string, err error) int {
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return conforms
	}
	if s, ok := errors.AsType[status](err); ok {
		return int(s)
	}
	fmt.Fprintf(c.err, "postern %s: %v\n", name, err)
	if _, ok := errors.AsType[*certificate.Refusal](err); ok {
		return conformsN
	}
	if _, ok := errors.AsType[*shim.Fault](err); ok {
		return rig
	}
	if errors.Is(err, errUsage) {
		return usage
	}
	return suite
}

// help lists the verbs.
func help(w io.Writer) {
	fmt.Fprint(w, "postern holds a lock, an app or an issuer to the Postern standard.\n\n")
	for _, v := range verbs() {
		if v.does != "" {
			fmt.Fprintf(w, "  postern %-10s %s\n", v.name, v.does)
		}
	}
	fmt.Fprint(w, "\npostern help VERB, or postern VERB -h, lists the flags of a verb.\n"+
		"Exit status: 0 conforms, 1 does not, 2 usage, 3 the rig or inconclusive, 4 the suite's own fault.\n")
}

// flags returns a set of flags for a verb.
func flags(c console, name, arguments string) *flag.FlagSet {
	f := flag.NewFlagSet("postern "+name, flag.ContinueOnError)
	f.SetOutput(c.err)
	f.Usage = func() {
		fmt.Fprintf(c.err, "usage: postern %s [flags] %s\n", name, arguments)
		f.PrintDefaults()
	}
	return f
}

// parse parses the flags of a verb, which may stand before and behind its arguments,
// of which there are at most so many.
func parse(f *flag.FlagSet, args []string, most int) error {
	var arguments []string
	for len(args) > 0 {
		if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
			return err
		} else if err != nil {
			return fmt.Errorf("%w: %w", errUsage, err)
		}
		if args = f.Args(); len(args) > 0 {
			arguments, args = append(arguments, args[0]), args[1:]
		}
	}
	if len(arguments) > most {
		return fmt.Errorf("%w: unexpected argument %q", errUsage, arguments[most])
	}
	return f.Parse(append([]string{"--"}, arguments...))
}
