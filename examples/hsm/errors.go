package hsm

import "errors"

var (
	// ErrModule says that the PKCS#11 module cannot be loaded or started.
	ErrModule = errors.New("hsm: module cannot be used")
	// ErrToken says that the token is not there, or that several fit.  A token that
	// comes back is found at the next call.
	ErrToken = errors.New("hsm: token cannot be found")
	// ErrPIN says that the token refused the PIN, or none could be had.  Tokens lock
	// themselves after a few wrong ones, so one that was refused is not shown again:
	// open the token anew with the right one.  One that could not be had is asked for
	// again at the next call.
	ErrPIN = errors.New("hsm: PIN refused")
	// ErrSilent says that the token did not answer in time.  What was asked may be
	// done all the same.
	ErrSilent = errors.New("hsm: token does not answer")
	// ErrBusy says that no session became free in time: more is asked than the
	// token can do, or several of its calls hang.
	ErrBusy = errors.New("hsm: no session became free")
	// ErrKey says that a key is not there, is there more than once, or is not one to
	// sign with: what should keep it in the token does not.
	ErrKey = errors.New("hsm: key cannot be used")
	// ErrRequest says that the caller asked for what is no such signature.
	ErrRequest = errors.New("hsm: not a signature of this key")
	// ErrClosed says that the token was closed.
	ErrClosed = errors.New("hsm: token is closed")
)
