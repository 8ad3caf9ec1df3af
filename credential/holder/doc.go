// Package holder is the phone's side of Postern, for developers of apps: it
// opens a lock over NFC with the holder's grant, or with the owner's bare key.
//
// An app fills a [Phone] and calls [Phone.Open] with an [apdu.Transceiver] for
// the tag in its field: IsoDep on Android, an ISO 7816 tag of Core NFC on iOS,
// or a PC/SC reader.  The holder's key is asked to sign and never leaves where
// it is kept; nothing that tells who the holder is goes out before the lock has
// proved what it is.  The answer is one typed [Result], or an [Error] where
// nothing that the lock said could be believed; both come with an [Advice] for
// the person at the door.
//
// Beside opening, a Phone hands over documents, takes the log along and becomes
// the owner of a lock; [History] reads logs, and [Delegate] passes a grant on.
// Where a powered lock reads the phone, [Phone.Card] takes the place of the link.
//
// The files follow a tap: ask.go begins it and begins again where that is
// harmless, selection.go checks what lock is there, handshake.go lets it prove
// itself, trust.go knows its makers, converse.go asks until the last answer,
// with what documents.go, supply.go and live.go give it, and request.go sends.
package holder
