package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// errFolder says that the folder is in use.
var errFolder = errors.New("another demonstration runs in the folder: end it, or name another folder with -data")

// hold makes the folder this process's own, where the system can; it is let go of
// when the file is closed.  Two demonstrations would write over each other's boxes.
func hold(folder string) (*os.File, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := alone(f); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", folder, err), f.Close())
	}
	return f, nil
}
