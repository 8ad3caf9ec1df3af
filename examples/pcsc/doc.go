// Package pcsc is a link to a card in a reader of the system's PC/SC service:
// a desk reader for NFC, or a virtual one.
//
// It opens libpcsclite.so.1 at run time, so that neither a C compiler nor the
// library's header files are needed to build it.  That works on Linux with a
// 64-bit processor; elsewhere the package compiles and [Connect] and [Readers]
// return [ErrUnsupported].
package pcsc
