// Package target brings products under test: the reference products in this
// process, any product behind a shim in a child process, and locks and apps at the
// other end of a link, vpcd or PC/SC, with a control shim beside it.  Each is a
// shim.Device.
//
// README.md is the page for those who put a product at the end of a link.
package target
