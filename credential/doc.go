// Package credential holds the signed objects of Postern: authority
// certificates, lock certificates and grants; policies, revocation lists and time
// tokens, which visitors carry to a lock; and the receipts that a lock gives.
//
// Every object is a CBOR Web Token (RFC 8392) in an untagged COSE_Sign1
// (RFC 9052) in deterministic CBOR; chapter 4 of the specification defines
// them.  An object arrives as bytes and is parsed into a type whose name
// begins with Unverified: its claims can be read and must not be relied on.
// A [Verifier] turns it into a type without that prefix, and only that type is
// taken where a decision depends on it.  [Grant.Judge] answers whether a
// verified grant is good for an action at a lock, [Policy.Judge] whether the
// owner lets it be used there, and [RevocationList.Denies] whether an operator
// or a scheme still stands for it.
//
// A grant can hang below another, whose holder signed it: a chain of up to 3.
// Its rights are those that every link of it gives.
//
// The package holds no private keys and asks no clock.  Unsigned objects are
// built here ([NewGrant] and its like) so that one place knows the format;
// package issuer signs them.
package credential
