//go:build !linux || android || !(amd64 || arm64 || loong64 || ppc64le || riscv64)

package pcsc

import "context"

// Readers returns ErrUnsupported.
func Readers() ([]string, error) { return nil, ErrUnsupported }

// Card is the link to one card.  There is none on this platform.
type Card struct{}

// Connect returns ErrUnsupported.
func Connect(context.Context, string) (*Card, error) { return nil, ErrUnsupported }

// Reader returns the empty name.
func (*Card) Reader() string { return "" }

// Transceive returns ErrUnsupported.
func (*Card) Transceive(context.Context, []byte) ([]byte, error) { return nil, ErrUnsupported }

// Close returns ErrUnsupported.
func (*Card) Close() error { return ErrUnsupported }
