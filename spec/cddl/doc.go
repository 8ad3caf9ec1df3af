// Package cddl reads the type definitions of the standard, which are written
// in CDDL (RFC 8610), and says whether data are of a type.
//
// It knows the part of CDDL that the definitions use, by RFC 8610 unless said
// otherwise:
//
//   - rules for types and for groups, with a single definition each;
//   - integers, text strings, byte strings in hexadecimal, ranges with both ends
//     included;
//   - arrays, maps with keys, groups in parentheses, choices of types, and the
//     occurrences ?, *, + and n*m;
//   - the controls .size of strings, .cbor, and .cborseq (RFC 8742, section 4.1);
//   - the names any, uint, nint, int, bstr, bytes, tstr, text, bool, false, true.
//
// Whatever else RFC 8610 has is refused by name, and so is a rule that leads back
// to itself.  Nothing is passed over.
//
// A rule for a group describes a CBOR sequence (RFC 8742), as the standard's
// conventions say.  Alternatives are tried in their order and occurrences take as
// much as they can, without a way back, as in a parsing expression grammar.
//
// Whether an item is encoded deterministically is not a matter of its type:
// the package takes every well-formed encoding of RFC 8949.
package cddl
