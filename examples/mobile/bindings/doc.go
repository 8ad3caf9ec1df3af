// Package bindings keeps what gobind makes of package postern: that it skips
// nothing, that what it writes for Objective-C is well formed, and that what it
// writes for Java carries taps both ways, on a desktop JVM.
//
// It is a module of its own because gobind is: whoever uses package postern in Go
// needs none of it.  Its tests need the packages that README.md names; what is
// missing is skipped, or a failure with the flag -complete.
package bindings
