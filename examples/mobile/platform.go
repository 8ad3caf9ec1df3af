package postern

// Every method of a callback can fail: what Java throws, or Swift, becomes an
// error in Go.  In one that could not fail it would end the process.

// Tag is the lock in the phone's field: IsoDep on Android, an ISO 7816 tag of Core
// NFC on iOS.
type Tag interface {
	// Transceive sends one command APDU, of 5 to 1034 bytes, and returns the whole
	// response APDU with its status word.  It fails where the field was lost.
	Transceive(command []byte) ([]byte, error)
}

// Key is the holder's key in the platform's hardware: Keystore or StrongBox on
// Android, the Secure Enclave on iOS.  It is never exported.
type Key interface {
	// PublicKey returns the public half: for P-256 as the platform gives it, in
	// SubjectPublicKeyInfo (DER, 91 bytes) or as an uncompressed point (65 bytes,
	// 04 first); for Ed25519 in SubjectPublicKeyInfo (44 bytes) or as it is (32
	// bytes).  It is asked once, by NewPhone.
	PublicKey() ([]byte, error)
	// Sign returns the signature over the message, which is not hashed yet: ECDSA
	// with SHA-256 in DER, or Ed25519 in 64 bytes.  It may ask the person for a
	// finger or a face, and fails where that is refused.
	Sign(message []byte) ([]byte, error)
}

// Vault keeps secrets of at most 4096 bytes each by name: what locks are opened
// with in two pairs, and the keys of their logs.  Names are of at most 64
// letters, digits, points and hyphens.  Whoever reads the vault can open as the
// holder, and read the logs, for a time.
type Vault interface {
	// Load returns the secret; null, or nothing, where there is none.
	Load(name string) ([]byte, error)
	// Store replaces the secret.  It is kept when Store returns; the bytes that came
	// may be cleared then.
	Store(name string, secret []byte) error
	// Delete forgets the secret.  It is no error where there is none.
	Delete(name string) error
}

// Memory keeps what is no secret, by name, as [Vault] does, in files that are the
// app's own: the certificates of known locks; of an owner's [Box] also guests with
// their names, and the log, of up to a few megabytes.
type Memory interface {
	// Load returns the data; null, or nothing, where there are none.
	Load(name string) ([]byte, error)
	// Store replaces the data, all of it or nothing: it writes another file and
	// renames it.  They are kept when Store returns.
	Store(name string, data []byte) error
}

// Clock is the phone's clock.
type Clock interface {
	// Now returns the seconds since 1970 in UTC.
	Now() (int64, error)
}

// Live fetches the time over the network, for locks that want to know it now.
type Live interface {
	// Fetch returns a time token over the 16 bytes of the nonce.  It is called in
	// mid-tap and has less than a minute; it fails where there is no network.
	Fetch(nonce []byte) ([]byte, error)
}

// Progress is told while a lock still gathers energy.
type Progress interface {
	// Charging is told the charge, 0 to 99 percent.  What it throws is passed over.
	Charging(percent int) error
}

// Platform is what the phone lends to the library.  Key is mandatory.
type Platform struct {
	Key Key
	// Vault keeps secrets.  Without it every tap is a full exchange.
	Vault Vault
	// Memory remembers locks.  Without it they are forgotten with the Phone.
	Memory Memory
	// Clock is needed to pass a right on, and by a Box.
	Clock Clock
	// Live is asked by locks that want to know the time.  Without it they refuse.
	Live Live
	// Progress can be missing.
	Progress Progress
	// Extended says that the NFC stack carries extended APDUs: on Android
	// IsoDep.isExtendedLengthApduSupported, on iOS always.
	Extended bool
}
