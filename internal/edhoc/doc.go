// Package edhoc carries out the key exchange between a phone and a lock:
// EDHOC (RFC 9528) in the profile of the standard, for both roles, and the
// protected channel that follows it. It does no input or output: messages come
// in and go out as bytes, and time plays no part.
//
// # Profile
//
//   - METHOD 0: both sides authenticate with signatures.
//   - Cipher suites 0 (X25519, Ed25519) and 2 (P-256, ES256), both with
//     AES-CCM-16-64-128 and SHA-256.
//   - Three messages. The first protected response of the lock takes the place
//     of message_4: until it opens, the phone does not know that the lock has
//     the keys.
//   - Credentials are opaque here: the caller turns ID_CRED_x into CRED_x and a
//     public key, see [Resolver].
//
// Section 8 of RFC 9528 leaves an application profile free to depart from what
// it demands. This one does so, mostly to the stricter:
//
//   - Cipher suite 3 is not supported. It differs from 2 in nothing but the
//     length of tags, and 0 is mandatory instead.
//   - EAD items are never sent, and every one that comes is refused, padding and
//     non-critical ones included.
//   - Every message and every part of it must be deterministic CBOR, the order
//     of the keys in ID_CRED_x included (section 3.5.3 leaves it open).
//   - Connection identifiers of the peer are one byte long, -24..23 on the wire,
//     unless the configuration says otherwise.
//   - The only error message that is composed is ERR_CODE 2, which cipher suite
//     negotiation needs. All other failures are told by the transport. Error
//     messages of every code are understood.
//   - A side refuses a peer that has its own authentication key.
//
// # Reading order
//
// initiator.go and responder.go follow sections 5.2 to 5.4 step by step.
// keyschedule.go is section 4, one type for each stage. message1.go, message2.go
// and message3.go are the formats, and channel.go is the standard's own channel.
// What else the standard derives from a run is in resumption.go, logkey.go and
// setup.go. The formulas that stand alone are exported for the testers' peers
// (internal/exchangetest): [KDF], [TranscriptHash], [SigStructure], [EncStructure].
//
// The types of a run stand for its states. Each has one method, that method can
// be called once, and it returns the next state, so nothing can be done twice
// or out of order:
//
//	Start  -> Initiator1.ReadMessage2 -> Initiator2.WriteMessage3 -> Exporter
//	Accept -> Responder1.ReadMessage3 -> Exporter
//
// A method that fails ends the run, and its secrets are dropped with the state.
package edhoc
