// Package vectortest holds this implementation against the test vectors of
// spec/vectors: it is their reader in Go.  All of it is tests; one file an
// area.
package vectortest
