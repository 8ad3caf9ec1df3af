// Package page serves the owner's web page, and builds the owner's phone that
// runs in it: package phone as WebAssembly.
//
// The page is plain HTML, CSS and JavaScript modules below site.  It asks nobody
// but the server that it came from, runs no script that the server did not send
// as a file of its own, and keeps keys and names in the browser.
package page
