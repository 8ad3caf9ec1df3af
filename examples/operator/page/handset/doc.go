// Package handset is the phone of somebody with boxes of his own and passes for
// those of others: what an app does with the packages holder and home, without
// its screen.  It is told what to do by name, with JSON in and JSON out, which
// any screen can call; the owner's page does, with this package as WebAssembly.
//
// handset.go carries actions out, memory.go is what must not be forgotten,
// view.go what a screen shows.  The actions of owners are in owner.go, moving.go
// and guests.go, those of guests in passes.go; courier.go speaks with the
// operator's service, which is nothing but a courier for sealed and signed things.
package handset
