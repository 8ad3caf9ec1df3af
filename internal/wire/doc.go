// Package wire holds the numbers of the standard: one constant for each row of
// spec/registry/*.csv, and a function for each table that gives the name of a
// number.  The tables are the only source; the constants are generated from
// them.
package wire

//go:generate go run ./gen -registry ../../spec/registry -out numbers.go
