//go:build js

package main

import (
	"errors"
	"syscall/js"
	"time"
)

// host is what the page gives the phone: an object of JavaScript with the methods
// now, sign and save, of which the last two return promises.
type host struct {
	value js.Value
}

// now returns the time that the page knows.
func (h host) now() time.Time { return time.Unix(int64(h.value.Call("now").Int()), 0).UTC() }

// sign has the browser's key sign the message.
func (h host) sign(message []byte) ([]byte, error) {
	v, err := await(h.value.Call("sign", toJS(message)))
	if err != nil {
		return nil, err
	}
	return fromJS(v), nil
}

// save has the browser keep the memory; it is kept when save returns.
func (h host) save(memory []byte) error {
	_, err := await(h.value.Call("save", toJS(memory)))
	return err
}

// await waits for a promise, while JavaScript goes on.
func await(promise js.Value) (js.Value, error) {
	type end struct {
		value js.Value
		err   error
	}
	done := make(chan end, 1)
	kept := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- end{value: first(args)}
		return nil
	})
	defer kept.Release()
	broken := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- end{err: errors.New(js.Global().Get("String").Invoke(first(args)).String())}
		return nil
	})
	defer broken.Release()
	promise.Call("then", kept, broken)
	e := <-done
	return e.value, e.err
}

// first returns the first argument, or undefined.
func first(args []js.Value) js.Value {
	if len(args) == 0 {
		return js.Undefined()
	}
	return args[0]
}

// toJS copies bytes into a Uint8Array.
func toJS(b []byte) js.Value {
	v := js.Global().Get("Uint8Array").New(len(b))
	js.CopyBytesToJS(v, b)
	return v
}

// fromJS copies bytes from a Uint8Array.
func fromJS(v js.Value) []byte {
	b := make([]byte, v.Get("length").Int())
	js.CopyBytesToGo(b, v)
	return b
}
