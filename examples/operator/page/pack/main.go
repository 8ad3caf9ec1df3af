// Command pack builds the owner's phone into the folder packed of package page,
// from which a program that is built with the tag packed takes it.  Run it by go
// generate, in examples/operator:
//
//	go generate ./page
//	go build -tags packed -o postern-operator .
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/postern-lock/postern/examples/operator/page"
)

func main() {
	folder := flag.String("o", "packed", "write to this `folder`")
	flag.Parse()
	if err := pack(*folder); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

// pack builds the phone and writes its two files.
func pack(folder string) error {
	scratch, err := os.MkdirTemp("", "postern-pack-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	p, err := page.Build(context.Background(), scratch)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "phone.wasm.gz"), p.Wasm, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "wasm_exec.js"), p.Exec, 0o644)
}
