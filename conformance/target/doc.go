// Package target brings products under test: the reference lock in this process,
// and any product behind a shim in a child process.  Each is a shim.Device.
package target
