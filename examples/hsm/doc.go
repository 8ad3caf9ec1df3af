// Package hsm signs with keys in hardware, through PKCS#11: a [Key] of a [Token]
// is a crypto.Signer, Ed25519 or P-256, which package issuer takes in the place
// of a key in memory.  The private half is made in the token and never leaves it.
//
// [Load] opens the maker's module, a shared library in C; [Open] finds a token in
// it by label or serial number and logs in; [Token.Generate] and [Token.Find]
// return keys, after their attributes and a signature were checked.
//
// A Token holds several sessions, so that many goroutines sign at once.  A session
// that was lost, because the token was pulled, the connection broke or somebody
// logged out, is opened anew and the call made once more.  A call into C cannot be
// cancelled: a token that does not answer in time gives [ErrSilent], the call
// keeps its session until it comes back, and when every session is taken so, new
// calls are refused at once.  So the calls that hang are never more than the
// sessions.
//
// The files follow a signature: key.go has the Signer, call.go gives it a session
// and a deadline, session.go opens, recover.go says what an error means.
package hsm
