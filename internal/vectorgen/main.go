// Command vectorgen makes the test vectors of the standard: the files of
// spec/vectors but its texts and schemas.  It draws all randomness from one
// seed by label, so it makes the same bytes wherever it runs.
//
// An area is one function in one file of this package, and one line of the
// list below.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// areas are the areas in the order of the index.
var areas = []func() (output, error){
	cborArea,
	apduArea,
	signatureArea,
	objectArea,
	messageArea,
	chainArea,
	timeArea,
	policyArea,
	usesArea,
	exchangeArea,
	resumptionArea,
	channelArea,
	logArea,
	passArea,
}

func main() {
	out := flag.String("out", ".", "folder that the files go to")
	flag.Parse()
	if err := write(*out); err != nil {
		fmt.Fprintln(os.Stderr, "vectorgen:", err)
		os.Exit(1)
	}
}

// write makes all files and writes them to a folder.
func write(folder string) error {
	files, err := generate()
	if err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// generate returns the content of each file by its name.
func generate() (map[string][]byte, error) {
	files := map[string][]byte{}
	index := vectors.Index{Version: wire.LimitVersion, Seed: seed}
	for _, area := range areas {
		o, err := area()
		if err != nil {
			return nil, err
		}
		files[o.entry.File] = o.content
		index.Areas = append(index.Areas, o.entry)
	}
	content, err := json.MarshalIndent(index, "", "  ")
	files["index.json"] = append(content, '\n')
	return files, err
}
