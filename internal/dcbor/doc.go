// Package dcbor reads and writes the one form of CBOR that the standard
// admits: deterministic CBOR of RFC 8949, section 4.2.1, narrowed to what the
// objects and messages of the standard hold.
//
//   - Lengths are definite, and every head is the shortest one.
//   - Keys of a map rise strictly in the bytewise order of their encoding, so
//     no key stands twice.
//   - Types are unsigned and negative integers, byte strings, arrays, maps,
//     false and true. Text strings, tags, floating-point numbers, null,
//     undefined and other simple values are refused.
//   - Arrays and maps nest at most [wire.LimitCborDepth] deep, and hold at most
//     [wire.LimitCborItems] elements or pairs each.
//
// Reading is done in three steps, each of which would be too weak alone. A scan
// of the bytes, which allocates nothing, enforces the rules above. Then the
// bytes are decoded into a Go value. Then the value is encoded again and must
// give the same bytes, so a Go type cannot accept what it does not hold: an
// unknown key, null for a string, an array for a byte string, a byte string of
// the wrong length for a Go array.
//
// The package imports the CBOR codec so that no other one has to.
package dcbor
