// Command ceremony makes a scheme's root and the keys that it certifies, in
// hardware, before witnesses: each verb is one step at one machine, and files on a
// stick are all that goes from one to the other.
//
//	ceremony make     -module M -token T -pin FILE -label KEY -at TIME -out FILE -transcript FILE
//	ceremony public   -module M -token T -pin FILE -label KEY -at TIME -out FILE -transcript FILE
//	ceremony request  -module M -token T -pin FILE -label KEY -at TIME -rights issue+revoke+time -services 1 -longest 84h -days 90 -out FILE -transcript FILE
//	ceremony preview  -root FILE -at TIME -request FILE -heard "FINGERPRINT" -transcript FILE
//	ceremony certify  -module M -token T -pin FILE -label KEY -at TIME -request FILE -heard "FINGERPRINT" -sign "FINGERPRINT" -out FILE -transcript FILE
//	ceremony verify   -root FILE -certificate FILE [-request FILE]
//	ceremony revoke   -module M -token T -pin FILE -label KEY -at TIME -version N -out FILE -transcript FILE CERTIFICATE...
//	ceremony farewell -module M -token T -pin FILE -label KEY -at TIME -out FILE -transcript FILE
//
// The time is read from a clock in the room and given by hand: an offline machine
// has none to trust.  The PIN is the first line of a file, or of the standard input
// with "-".  Nothing is overwritten.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "ceremony:", err)
		os.Exit(1)
	}
}

// errUsage says that the command line is none.
var errUsage = errors.New("want a verb: make, public, request, preview, certify, verify, revoke or farewell; each takes -help")

// run carries out one verb.
func run(args []string, stdin io.Reader, stdout io.Writer) error {
	if len(args) == 0 {
		return errUsage
	}
	s := &step{verb: args[0], stdin: stdin, stdout: stdout}
	verb, ok := map[string]func(*step) error{
		"make": makeKey, "public": public, "request": request, "preview": preview, "certify": certify, "verify": verify, "revoke": revoke, "farewell": farewell,
	}[s.verb]
	if !ok {
		return errUsage
	}
	s.flags = flag.NewFlagSet(s.verb, flag.ContinueOnError)
	s.flags.SetOutput(stdout)
	s.args = args[1:]
	err := verb(s)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	return err
}
