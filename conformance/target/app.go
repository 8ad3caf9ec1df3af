package target

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// App is the reference phone as a device: package holder, and what an app keeps
// from tap to tap beside it.
type App struct {
	random io.Reader

	installed *holder.Phone   // nil until it is installed
	phone     *holder.Phone   // the same with the pass that was taken last
	held      map[string]bool // lock id and document: the lock has it
	doubt     bool            // nobody knows whether the lock took the owner

	card *apdu.Card // while it waits to be read
	read *shim.Told // what came of it; nil where it was not selected
}

// NewApp returns a reference phone whose random source is r.
func NewApp(r io.Reader) *App { return &App{random: r} }

// Hello returns what the app says of itself.
func (a *App) Hello() shim.Hello {
	return shim.Hello{Protocol: shim.Protocol, Role: shim.RoleApp, Product: "Postern reference phone", Version: "1", Verbs: shim.Verbs(shim.RoleApp)}
}

// errNotProvisioned says that there is no app yet.
var errNotProvisioned = errors.New("target: the app was not provisioned")

// Close lets go of the app.
func (a *App) Close() error { return nil }

// Do carries out a request.
func (a *App) Do(ctx context.Context, r shim.Request) (any, error) {
	switch r := r.(type) {
	case shim.Install:
		return &shim.Nothing{}, a.install(r)
	case shim.Tap:
		return a.tap(ctx, r)
	case shim.Present:
		return &shim.Nothing{}, a.present(r)
	case shim.Command:
		if a.card == nil {
			return &shim.Answer{Silent: true}, nil
		}
		return &shim.Answer{APDU: bytes.Clone(a.card.Process(r.APDU))}, nil
	case shim.Leave:
		return a.leave(), nil
	case shim.AskRight:
		return a.ask()
	case shim.TakePass:
		return a.take(r)
	}
	return nil, shim.ErrUnsupported
}

// install makes the app anew.
func (a *App) install(i shim.Install) error {
	signer, err := private(i.Key)
	if err != nil {
		return err
	}
	key, err := holder.NewKey(signer)
	if err != nil {
		return err
	}
	p := &holder.Phone{
		Key: key, Grant: i.Grant, Parents: raw(i.Parents), Authorities: raw(i.Authorities), Documents: raw(i.Documents), Makers: raw(i.Makers),
		Locks: holder.NewMemory(), Slots: holder.NewSlots(), Rand: a.random, Extended: true,
	}
	for _, b := range i.Roots {
		k, err := world.ParseCOSEKey(b)
		if err != nil {
			return err
		}
		p.Roots = append(p.Roots, k)
	}
	a.installed, a.phone, a.held, a.doubt, a.card = p, p, map[string]bool{}, false, nil
	return nil
}

// raw returns the byte strings of a message.
func raw(all []shim.Hex) [][]byte {
	var out [][]byte
	for _, b := range all {
		out = append(out, b)
	}
	return out
}

// tap holds the phone to a lock.
func (a *App) tap(ctx context.Context, r shim.Tap) (*shim.Told, error) {
	p, err := a.before(r.Lock)
	if err != nil {
		return nil, err
	}
	p.Live = live(r.Live)
	link := transceiver(r.Ask)
	if credential.Operation(r.Operation) == credential.OperationConfigure {
		key, result, err := a.configure(ctx, p, link, r.Setup)
		t := a.told(result, err)
		if !key.IsZero() && err == nil {
			b := key.Bytes()
			t.LogKey = b[:]
		}
		return t, nil
	}
	result, err := p.Do(ctx, link, asked(r.Operation, r.Resource, r.Reference, r.Receipt, r.Pages))
	return a.told(result, err), nil
}

// before returns the phone before a tap of the lock.
func (a *App) before(lock shim.Hex) (*holder.Phone, error) {
	if a.phone == nil {
		return nil, errNotProvisioned
	}
	p := *a.phone
	copy(p.Expect[:], lock)
	p.Documents = slices.DeleteFunc(slices.Clone(a.phone.Documents), func(d []byte) bool { return a.held[string(lock)+string(d)] })
	return &p, nil
}

// asked is what a person asks a lock for.
func asked(operation, resource int, reference shim.Hex, receipt bool, pages int) holder.Ask {
	ask := holder.Ask{Operation: credential.Operation(operation), Resource: uint8(resource), Receipt: receipt, LogPages: pages}
	copy(ask.Reference[:], reference)
	return ask
}

// present has the phone wait to be read by a lock.
func (a *App) present(r shim.Present) error {
	p, err := a.before(r.Lock)
	if err != nil {
		return err
	}
	a.read = nil
	a.card = p.Card(context.Background(), asked(r.Operation, r.Resource, r.Reference, r.Receipt, r.Pages), func(result holder.Result, err error) {
		a.read = a.told(result, err)
	})
	return nil
}

// leave takes the phone out of the lock's field.
func (a *App) leave() *shim.Told {
	if a.card != nil {
		a.card.Reset()
		a.card = nil
	}
	if a.read == nil {
		return &shim.Told{Outcome: int(credential.OutcomeRefused), Reason: int(credential.ReasonLink)}
	}
	return a.read
}

// configure takes a lock, or agrees its log key anew.  Where the answer to a proof
// was lost, it asks the lock first whether it is the owner's already.
func (a *App) configure(ctx context.Context, p *holder.Phone, link transceiver, setup []byte) (holder.LogKey, holder.Result, error) {
	if setup == nil {
		return p.Rekey(ctx, link)
	}
	if a.doubt {
		key, result, err := p.Rekey(ctx, link)
		if result.Outcome != credential.OutcomeRefused {
			a.doubt = err != nil
			return key, result, err
		}
	}
	key, result, err := p.Commission(ctx, link, [16]byte(setup))
	a.doubt = result.Outcome == credential.OutcomeUnconfirmed
	return key, result, err
}

// live is the network of the phone.
func live(ask shim.Ask) func(context.Context, [16]byte) ([]byte, error) {
	if ask == nil {
		return nil
	}
	return func(ctx context.Context, nonce [16]byte) ([]byte, error) { return ask(ctx, nonce[:]) }
}

// told says what a tap came to, and remembers which documents the lock holds.
func (a *App) told(r holder.Result, err error) *shim.Told {
	t := &shim.Told{Outcome: int(r.Outcome), Reason: int(r.Reason), Believed: err == nil}
	if r.Receipt != nil && r.Receipt.Verified {
		t.Receipt = r.Receipt.Bytes
	}
	for _, page := range r.LogPages {
		t.Pages = append(t.Pages, page)
	}
	for _, d := range a.phone.Documents {
		i := slices.IndexFunc(r.Documents, func(x holder.DocumentResult) bool { return bytes.Equal(x.Document, d) })
		if i < 0 {
			continue
		}
		reason := r.Documents[i].Reason
		t.Documents = append(t.Documents, int(reason))
		if reason == credential.ReasonNone || reason == credential.ReasonSuperseded {
			a.held[string(r.Lock[:])+string(d)] = true
		}
	}
	return t
}
