package postern

import (
	"context"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential/holder"
)

// Commission makes the phone's holder the owner of the lock in the field, by the
// setup secret of 16 bytes that is printed inside the box.  Lock is its id, which
// is printed beside it.  The key of the lock's log goes into the vault, whose name
// for it begins with "log-".
//
// Where [Result.Advice] is find-out, nobody can know whether the lock took it:
// [Phone.Rekey] tells.  Where [Result.Code] is platform, the lock is the holder's,
// and the vault lost the key of its log: Rekey agrees a new one.
//
// It blocks, and throws, as [Phone.Tap] does; and platform where the vault cannot
// be read, before the lock is asked.
func (p *Phone) Commission(tag Tag, lock string, secret []byte, stop *Stop) (*Result, error) {
	if len(secret) != 16 {
		return nil, argument("setup secret of %d bytes: want 16", len(secret))
	}
	setup := [16]byte(secret)
	return p.agree(tag, lock, stop, func(ctx context.Context, phone *holder.Phone, t apdu.Transceiver) (holder.LogKey, holder.Result, error) {
		return phone.Commission(ctx, t, setup)
	})
}

// Rekey agrees the key of the log anew with a lock that is the holder's already: on
// a new phone, or after Commission whose answer was lost.  See
// [Phone.Commission].
func (p *Phone) Rekey(tag Tag, lock string, stop *Stop) (*Result, error) {
	return p.agree(tag, lock, stop, func(ctx context.Context, phone *holder.Phone, t apdu.Transceiver) (holder.LogKey, holder.Result, error) {
		return phone.Rekey(ctx, t)
	})
}

// agree agrees a log key with the lock and keeps it.  The vault is read first, so
// that one that is closed costs nothing.
func (p *Phone) agree(tag Tag, lock string, stop *Stop, work func(context.Context, *holder.Phone, apdu.Transceiver) (holder.LogKey, holder.Result, error)) (*Result, error) {
	id, err := parseLock(lock)
	if err != nil {
		return nil, err
	}
	return p.tap(tag, stop, func(ctx context.Context, phone *holder.Phone, t apdu.Transceiver) (*Result, error) {
		keys, err := loadLogKeys(p.platform.Vault, id)
		if err != nil {
			return nil, err
		}
		phone.Grant, phone.Parents, phone.Documents, phone.Expect = nil, nil, nil, id
		key, r, err := work(ctx, phone, t)
		if kept := keys.After(key, r); len(kept) > 0 {
			if failed := storeLogKeys(p.platform.Vault, id, kept); failed != nil {
				r.Advice = holder.AdviceFindOut
				return newResult(r, failed), nil
			}
		}
		return newResult(r, err), nil
	})
}
