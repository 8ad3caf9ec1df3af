package home

import "errors"

// What keeps a Box from doing what it is asked.  An error wraps one of them, or
// those of packages credential, issuer and holder; nothing has changed then.
var (
	// ErrKey says that a key is missing, or is not the one that the state is of.
	ErrKey = errors.New("home: not the key of this box")
	// ErrState says that what the app kept is spoilt, or of another program.
	ErrState = errors.New("home: the state cannot be read")
	// ErrKeep says that the app could not keep the new state.  What was signed is
	// not given out.
	ErrKeep = errors.New("home: the new state was not kept")
	// ErrTime says that a time is missing or that an end is not in the future.
	ErrTime = errors.New("home: not a good time")
	// ErrLock says that something is of another lock.
	ErrLock = errors.New("home: it is of another lock")
	// ErrNotYours says that the lock is not known to be the owner's yet: MoveIn,
	// Agree, Accept or Join comes first.
	ErrNotYours = errors.New("home: the box is not yours yet")
	// ErrCoOwner says that only the owner does this, and the key is a co-owner's;
	// or that the owner has ended the co-ownership.
	ErrCoOwner = errors.New("home: only the owner does this")
	// ErrGivenAway says that the box was given to somebody else.
	ErrGivenAway = errors.New("home: the box was given away")
	// ErrBehind says that there are, or may be, settings that this phone did not
	// sign: it was restored from an old backup, or another phone has the same key.
	// Learn takes over the newest policy, from whoever has it; Heal signs anew
	// without it, and only Heal ends it for a phone that was restored.
	ErrBehind = errors.New("home: the lock knows newer settings than this phone")
	// ErrVersion says that no version is left that the lock would take before it
	// holds an older policy.
	ErrVersion = errors.New("home: no policy version is left")
	// ErrGuest says that there is no such guest, or that the guest cannot be one.
	ErrGuest = errors.New("home: no such guest")
	// ErrPolicy says that a policy is not one of this box.
	ErrPolicy = errors.New("home: the policy is not one of this box")
)
