//go:build js

package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/postern-lock/postern/credential"
)

// link is a box in the phone's field.  In an app it is IsoDep or Core NFC; a
// browser has no such thing, so the demo's street carries each command by HTTP.
type link struct {
	host host
	path string
}

// hold holds the phone to a box of the street.
func (h host) hold(ctx context.Context, lock credential.LockID) (link, error) {
	path := "/demo/boxes/" + lock.String() + "/tap"
	a, err := h.request(ctx, "POST", path, nil, nil)
	if err != nil {
		return link{}, err
	}
	var told struct{ Session string }
	if err := json.Unmarshal(a.body, &told); err != nil || a.status != 200 {
		return link{}, fmt.Errorf("no box in the field: status %d", a.status)
	}
	return link{h, path + "/" + told.Session}, nil
}

// Transceive sends one command APDU and returns the response.
func (l link) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	a, err := l.host.request(ctx, "POST", l.path, map[string]string{"Content-Type": "application/octet-stream"}, command)
	if err != nil {
		return nil, err
	}
	if a.status != 200 {
		return nil, fmt.Errorf("the box has left the field: status %d", a.status)
	}
	return a.body, nil
}

// leave takes the phone away.  Where the server does not hear of it, the next tap
// ends this one.
func (l link) leave(ctx context.Context) {
	_, _ = l.host.request(ctx, "DELETE", l.path, nil, nil)
}
