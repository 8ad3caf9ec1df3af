//go:build unix

package main

import (
	"errors"
	"os"
	"syscall"
)

// alone holds the file for this process, until it is closed or the process ends,
// by whatever.
func alone(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errFolder
	}
	return err
}
