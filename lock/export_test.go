package lock

import "io"

// Stage returns the state of the transaction by its name in section 7.2.
func (l *Lock) Stage() string {
	switch {
	case l.tx.stage == selected:
		return "selected"
	case l.tx.stage == handshake:
		return "wait-3"
	case l.tx.stage == open && l.tx.holder.verified():
		return "judged"
	case l.tx.stage == open:
		return "wait-chain"
	}
	return "idle"
}

// Kept returns how many bytes the values of all cells have, and how many cells
// have one.
func (l *Lock) Kept() (bytes, cells int) {
	for _, h := range l.ring.index {
		bytes += int(h.size)
	}
	return bytes, len(l.ring.index)
}

// Draw has the lock draw from rand as it is, with nothing mixed in.
func (l *Lock) Draw(rand io.Reader) { l.config.Rand = rand }
