//go:build js

package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"sync"
	"syscall/js"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/examples/operator/page/handset"
)

// main gives the page the function that starts the phone, and stays.
func main() {
	js.Global().Call("posternPhone", js.FuncOf(func(_ js.Value, args []js.Value) any {
		h, config, public, memory := host{args[0]}, args[1].String(), fromJS(args[2]), fromJS(args[3])
		return promise(func() (any, error) { return start(h, config, public, memory) })
	}))
	select {}
}

// start starts the phone, and returns the function that tells it what to do.
func start(h host, config string, public ed25519.PublicKey, memory []byte) (any, error) {
	var trust struct {
		Roots  []credential.PublicKey `json:"roots"`
		Makers [][]byte               `json:"makers"`
	}
	if err := json.Unmarshal([]byte(config), &trust); err != nil {
		return nil, err
	}
	key, err := holder.NewKey(browserKey{h, public})
	if err != nil {
		return nil, err
	}
	origin := js.Global().Get("location").Get("origin").String()
	field := field{http.DefaultClient, origin}
	phone, err := handset.New(handset.Config{
		Key: key, Roots: trust.Roots, Makers: trust.Makers, Rand: rand.Reader, Now: h.now, Save: h.save,
		HTTP: http.DefaultClient, Service: origin,
		Hold: func(ctx context.Context, lock credential.LockID) (apdu.Transceiver, func(), error) {
			l, err := field.hold(ctx, lock)
			return l, func() { l.leave(ctx) }, err
		},
	}, memory)
	if err != nil {
		return nil, err
	}
	var one sync.Mutex // thing after the other
	return js.FuncOf(func(_ js.Value, args []js.Value) any {
		name, values := args[0].String(), []byte(args[1].String())
		return promise(func() (any, error) {
			one.Lock()
			defer one.Unlock()
			return string(phone.Act(context.Background(), name, values)), nil
		})
	}), nil
}

// promise returns a promise of JavaScript for what a function returns, which may
// wait for other promises.
func promise(do func() (any, error)) js.Value {
	return js.Global().Get("Promise").New(js.FuncOf(func(_ js.Value, args []js.Value) any {
		go func() {
			if value, err := do(); err != nil {
				args[1].Invoke(js.Global().Get("Error").New(err.Error()))
			} else {
				args[0].Invoke(value)
			}
		}()
		return nil
	}))
}
