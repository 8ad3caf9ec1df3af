// Package issuer builds and signs the objects of Postern: a [Scheme] certifies
// authorities, a [Maker] certifies locks, an [Operator] and an [Owner] grant.
//
// Keys are crypto.Signer, so that they can stay in a hardware module: Ed25519,
// or ECDSA on P-256.  Nothing is signed that every lock would refuse, and an
// operator signs nothing beyond its own certificate.
package issuer
