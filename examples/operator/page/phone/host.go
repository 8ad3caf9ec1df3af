//go:build js

package main

import (
	"context"
	"errors"
	"fmt"
	"syscall/js"
	"time"
)

// host is what the page gives the phone: an object of JavaScript whose methods
// return promises.
type host struct {
	value js.Value
}

// answer is what the server answered.
type answer struct {
	status int
	body   []byte
}

// now returns the time that the page knows.
func (h host) now() time.Time { return time.Unix(int64(h.value.Call("now").Int()), 0).UTC() }

// sign has the browser's key sign the message.
func (h host) sign(message []byte) ([]byte, error) {
	v, err := await(context.Background(), h.value.Call("sign", toJS(message)))
	if err != nil {
		return nil, err
	}
	return fromJS(v), nil
}

// save has the browser keep the memory; it is kept when save returns.
func (h host) save(memory []byte) error {
	_, err := await(context.Background(), h.value.Call("save", toJS(memory)))
	return err
}

// request asks the server that the page came from.
func (h host) request(ctx context.Context, method, path string, headers map[string]string, body []byte) (answer, error) {
	named := map[string]any{}
	for name, value := range headers {
		named[name] = value
	}
	v, err := await(ctx, h.value.Call("request", method, path, named, toJS(body)))
	if err != nil {
		return answer{}, err
	}
	return answer{v.Get("status").Int(), fromJS(v.Get("body"))}, nil
}

// await waits for a promise, while JavaScript goes on.
func await(ctx context.Context, promise js.Value) (js.Value, error) {
	type end struct {
		value js.Value
		err   error
	}
	done := make(chan end, 1)
	kept := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- end{value: first(args)}
		return nil
	})
	broken := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- end{err: errors.New(js.Global().Get("String").Invoke(first(args)).String())}
		return nil
	})
	promise.Call("then", kept, broken)
	release := func() { kept.Release(); broken.Release() }
	select {
	case e := <-done:
		release()
		return e.value, e.err
	case <-ctx.Done():
		go func() { <-done; release() }()
		return js.Undefined(), fmt.Errorf("the page did not wait: %w", ctx.Err())
	}
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
	if v.IsUndefined() || v.IsNull() {
		return nil
	}
	b := make([]byte, v.Get("length").Int())
	js.CopyBytesToGo(b, v)
	return b
}
