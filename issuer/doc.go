// Package issuer builds and signs the objects of Postern: a [Scheme] certifies
// authorities and withdraws their certificates, a [Maker] certifies locks, an
// [Operator] grants, a [Revoker] withdraws grants, a [TimeSource] tells the time,
// and an [Owner] grants and says what a lock admits.  Each but the scheme and the
// owner acts by one right of an authority certificate; whoever has several rights
// is several of them, with the one key.
//
// Keys are crypto.Signer, so that they can stay in a hardware module: Ed25519,
// or ECDSA on P-256.  Nothing is signed that every lock would refuse, and an
// operator signs nothing beyond its own certificate.
package issuer
