//go:build js

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/postern-lock/postern/credential"
)

// field is the phone's NFC field.  In an app it is IsoDep or Core NFC; a browser
// has no such thing, so the demonstration's street carries each command by HTTP.
type field struct {
	client *http.Client
	origin string
}

// link is a box in the field.
type link struct {
	client *http.Client
	url    string
}

// maxResponse bounds a response APDU, in bytes.
const maxResponse = 65538

// hold holds the phone to a box of the street.
func (f field) hold(ctx context.Context, lock credential.LockID) (link, error) {
	l := link{f.client, f.origin + "/demo/boxes/" + lock.String() + "/tap"}
	answer, err := l.send(ctx, http.MethodPost, nil)
	if err != nil {
		return l, err
	}
	var told struct{ Session string }
	if err := json.Unmarshal(answer, &told); err != nil {
		return l, err
	}
	l.url += "/" + told.Session
	return l, nil
}

// Transceive sends one command APDU and returns the response.
func (l link) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	response, err := l.send(ctx, http.MethodPost, command)
	if err == nil && len(response) == 0 {
		err = errors.New("the box has left the field")
	}
	return response, err
}

// leave takes the phone away.  Where the street does not hear of it, the next tap
// ends this one.
func (l link) leave(ctx context.Context) { _, _ = l.send(ctx, http.MethodDelete, nil) }

// send sends bytes to the street, and returns its answer.
func (l link) send(ctx context.Context, method string, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, l.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/octet-stream")
	answer, err := l.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		return nil, fmt.Errorf("no box in the field: %s", answer.Status)
	}
	return io.ReadAll(io.LimitReader(answer.Body, maxResponse))
}
