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
// the right is signed, documents.go takes in what the phone brings from others,
// moment.go tells what the lock knows of the time, decide.go that the right is
// good here and now, and open.go writes the log and drives the bolt.
// commission.go is how a lock comes to an owner, and reader.go turns everything
// round for a powered lock that reads the phone.
//
// What the lock keeps is in state.go: owner and policy (owner.go), log (log.go),
// revocation lists (lists.go), slots (slot.go) and accounts of counted grants
// (uses.go).  It stands in flash by ring.go.
package lock
