// Package suite holds the cryptographic primitives of the standard, and nothing
// of its protocol: signatures, Diffie-Hellman, key derivation and authenticated
// encryption.
//
//   - Ed25519 (RFC 8032) with one acceptance rule, which [Verify] states, and
//     ECDSA with P-256 and SHA-256 as r || s (RFC 9053, section 2.1).
//   - X25519 (RFC 7748), and ECDH with P-256 where only x-coordinates are sent,
//     as EDHOC does (RFC 9528, section 3.7).
//   - HKDF with SHA-256 (RFC 5869).
//   - AES-CCM-16-64-128 (RFC 9053, section 4.2).
//
// The package is the only one that imports edwards25519. It keeps no state and
// caches nothing. Randomness comes in as an argument.
//
// A public key, a signature and a message are not secret, so what is done with
// them alone may take a time that depends on them.
package suite
