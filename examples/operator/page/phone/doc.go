//go:build js

// Command phone is the owner's phone as WebAssembly, for the owner's page: what
// an app on a phone does with the packages holder and home, with a browser below.
//
// The page gives it a host: the browser's key, which signs and is never shown,
// its memory, its clock and its link to the server.  It gives the page one
// function that calls an action by its name, with JSON in and JSON out.
package main
