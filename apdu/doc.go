// Package apdu carries the command-response pairs of ISO/IEC 7816-4 between a
// phone and a lock.
//
// On the phone's side [Exchange] sends one logical command over a
// [Transceiver] and returns the whole answer: it splits what is too long into
// a command chain, fetches what the card holds back, and asks again where the
// card names another length.  On the lock's side [Card] is a [Processor] over
// a [Handler]: it joins chains, splits answers and keeps the bounds, so that a
// handler sees whole commands and returns whole answers.  [Direct] joins the
// two in one process and [Tracer] shows people what went over the link.
//
// # Decisions that ISO/IEC 7816-4 leaves open
//
// Spec chapter 05 holds them; in short:
//
//   - Lengths are exact.  A command with a byte too many or too few, or with
//     an extended Lc of zero before data, is no command: status 6700.
//   - Classes are 00, 80 and 90, where 90 is a link of a chain other than its
//     last.  Any other is answered 6E00, an instruction that the class does
//     not have 6D00, and the transaction goes on after both.
//   - All links of a chain have the same INS, P1 and P2, and every one brings
//     data.  A link before the last is answered 9000 without data; its Le
//     does not count.
//   - A command that does not belong to the chain under way drops the chain
//     and is answered 6883 without being carried out.  Only SELECT (00 A4) is
//     carried out even then, because it begins everything anew.
//   - An answer waits for GET RESPONSE only until the next command of another
//     kind.  GET RESPONSE may fetch any part; a Le longer than the rest is no
//     error.  With nothing to fetch it is answered 6985.
//   - A command without Le that has an answer gets 61xx, and the answer can be
//     fetched.
//   - Where the card layer itself answers with an error status, but for 6D00
//     and 6E00, it also resets the handler: the transaction is over.
//   - Data come with 9000 and 61xx only.
//
// The package counts in bytes of command and response with their headers and
// status words, without the radio's framing.  Nothing here panics on any
// input, and no length is believed before it is compared with a bound.
package apdu
