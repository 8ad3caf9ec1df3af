// Package house keeps the order of the project's own house.  It checks which
// package may import which, the size and form of the source files, and that
// the README's programs still compile and print what the README says.  Nothing
// imports it: the checks are its tests.
package house
