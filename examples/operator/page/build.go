package page

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// phonePackage is the owner's phone.
const phonePackage = "github.com/postern-lock/postern/examples/operator/page/phone"

// ErrBuild says that the phone cannot be built: the go command is missing, or
// the program does not run within a clone of the repository.
var ErrBuild = errors.New("page: cannot build the owner's phone")

// Phone is the owner's phone for browsers.
type Phone struct {
	Wasm []byte // compressed by gzip
	Exec []byte // wasm_exec.js of the Go version that built it
}

// Load returns the phone: the one that the program was packed with (package
// pack), or one that is built now, in the folder, which takes some 20 seconds the
// first time.  Say is told what takes its time.
func Load(ctx context.Context, folder string, say func(string)) (Phone, error) {
	if p, ok := packed(); ok {
		return p, nil
	}
	if _, err := os.Stat(filepath.Join(folder, phoneFile)); err != nil {
		say("Building the owner's phone for browsers; this first time takes half a minute.")
	}
	return Build(ctx, folder)
}

// phoneFile is the name of the program in its folder.
const phoneFile = "phone.wasm"

// Build builds the phone with the go command, in the folder.  The error is
// ErrBuild with what the command said.
func Build(ctx context.Context, folder string) (Phone, error) {
	var p Phone
	file := filepath.Join(folder, phoneFile)
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", file, phonePackage)
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		return p, fmt.Errorf("%w; start it within a clone of the repository, or pack it before (go generate ./page, -tags packed): %w\n%s", ErrBuild, err, said)
	}
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return p, fmt.Errorf("%w: %w", ErrBuild, err)
	}
	if p.Exec, err = os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js")); err != nil {
		return p, fmt.Errorf("%w: %w", ErrBuild, err)
	}
	program, err := os.ReadFile(file)
	if err != nil {
		return p, fmt.Errorf("%w: %w", ErrBuild, err)
	}
	p.Wasm, err = compress(program)
	return p, err
}

// compress returns what gzip makes of the content.
func compress(content []byte) ([]byte, error) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
