// Package lock is the lock's side of Postern: it answers the commands of a
// phone, decides offline whether the phone's right is good, writes the log and
// lets the maker's parts move the bolt.
//
// A maker gives it a [Flash], an [Actuator] and a random source, and calls
// [Lock.Process] with every command APDU that the NFC front end receives and
// [Lock.Reset] when the field goes.  The package does no input or output of its
// own, starts no goroutine and asks no clock.
//
// The files follow a tap: handler.go takes the commands, handshake.go proves
// who is there and resume.go does so by a shared secret, verify.go proves that
// the right is signed, decide.go that it is good here and now, and open.go writes
// the log and drives the bolt.
package lock
