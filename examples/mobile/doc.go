// Package postern is the library for apps on phones: gobind makes Java and
// Objective-C of it, for Kotlin and Swift.  Apps in Go use packages holder and home,
// which it wraps.
//
// The platform lends what a library cannot have, by callbacks in a [Platform]: the
// [Key] in its hardware, the [Tag] in its field, a [Vault] for secrets.  A [Phone]
// opens locks with them, by a [Pass] that came by a link; a [Box] is the owner's side
// of a lock.
//
// # Rules at the border
//
//   - Every call can come from every thread.  Those that tap, sign or store block: call
//     them off the main thread.
//   - What fails throws; the message begins with a code, and [ErrorCode] returns it.
//     A tap that was begun does not throw: its [Result] tells what may have happened.
//   - Codes, outcomes, reasons and advice are words that stay as they are; texts in
//     English are for developers and may change.
//   - No panic crosses the border, nor does what a callback throws: each of its methods
//     can fail.  (An NSException of Objective-C is no error, and ends the process.)
//   - Byte strings that the app passes are copied, and so are those that it gets.  Those
//     that a callback is given are good until it returns: copy what is kept longer.
//   - Times are seconds since 1970.  Lists have Len
//     and At.
//   - Objects that the platform made without the library, by alloc and init, do nothing
//     and throw argument.
//
// The tests in folder bindings hold the package to what gobind can bind, in both
// languages.
package postern
