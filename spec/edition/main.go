// Command edition writes the reader's edition of the standard: all chapters,
// worked examples, registries and CDDL files as one HTML page that needs nothing
// else, with contents, a target for every section and every requirement, links
// between them, diagrams and a search.
//
//	go run ./spec/edition -o postern.html
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	out := flag.String("o", "postern.html", "`file` to write, - for the standard output")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := write(*out); err != nil {
		fmt.Fprintln(os.Stderr, "edition:", err)
		os.Exit(1)
	}
}

// write writes the page to the named file.
func write(name string) error {
	page, err := Page()
	if err != nil {
		return err
	}
	if name == "-" {
		_, err = os.Stdout.Write(page)
		return err
	}
	return os.WriteFile(name, page, 0o644)
}
