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
// with "-", where a terminal shows what is typed.  Nothing is overwritten.
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

// verbs are the steps, in the order of a ceremony.
var verbs = []struct {
	name, does string
	work       func(*step) error
}{
	{"make", "makes a key pair in the token, and writes the public key", makeKey},
	{"public", "writes the public key of a pair that is there", public},
	{"request", "asks a scheme for a certificate, signed with the key that it is for", request},
	{"preview", "shows every byte that certify would sign; it needs no token and signs nothing", preview},
	{"certify", "signs, with the root, the certificate that preview showed", certify},
	{"verify", "checks a certificate, and that it is what was asked for; anybody can", verify},
	{"revoke", "signs, with the root, the list of the certificates that it denies", revoke},
	{"farewell", "signs the root's last word, which denies all that it ever signs", farewell},
}

// errUsage says that the command line is none.
var errUsage = errors.New(usage())

// usage says what verbs there are.
func usage() string {
	text := "want a verb, and its flags, which the verb shows with -help:"
	for _, v := range verbs {
		text += fmt.Sprintf("\n  %-8s  %s", v.name, v.does)
	}
	return text
}

// run carries out one verb.
func run(args []string, stdin io.Reader, stdout io.Writer) error {
	if len(args) == 0 {
		return errUsage
	}
	for _, v := range verbs {
		if v.name != args[0] {
			continue
		}
		s := &step{verb: v.name, args: args[1:], stdin: stdin, stdout: stdout, flags: flag.NewFlagSet(v.name, flag.ContinueOnError)}
		s.flags.SetOutput(stdout)
		s.flags.Usage = func() {
			fmt.Fprintf(stdout, "ceremony %s %s.\n", v.name, v.does)
			s.flags.PrintDefaults()
		}
		err := v.work(s)
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	return errUsage
}
