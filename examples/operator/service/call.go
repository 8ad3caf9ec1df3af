package service

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/examples/operator/signature"
)

// call is one request, with what was found out about it.
type call struct {
	w    http.ResponseWriter
	r    *http.Request
	most int64  // bytes of the body, or stream
	body []byte // read whole, but for streams
	now  credential.Time

	begun  bool                 // the handler has written an answer by itself, and its error there
	leave  func()               // tells the throttle that the answer is written
	key    credential.PublicKey // of the caller; zero on open routes
	signed signature.Signed     // by an owner's key
}

// ctx returns the context of the request.
func (c *call) ctx() context.Context { return c.r.Context() }

// lock returns the lock in the path.
func (c *call) lock() (credential.LockID, error) {
	var id api.LockID
	return id.Value, c.segment("lock", &id)
}

// segment reads an id in the path.
func (c *call) segment(name string, id interface{ UnmarshalText([]byte) error }) error {
	if err := id.UnmarshalText([]byte(c.r.PathValue(name))); err != nil {
		return problemNotFound.because("%s: %s", name, err)
	}
	return nil
}

// Bounds of a body, in bytes.
const (
	smallBody = 8 << 10   // of one object, or a few
	batchBody = 512 << 10 // of a batch
)

// read reads the body whole, once; that of a stream is for its handler.  Where there
// is to be none it is not waited for, since anybody may ask some of these routes.
func (c *call) read() error {
	if c.most == stream || c.body != nil {
		return nil
	}
	if c.most == 0 {
		if c.r.ContentLength != 0 {
			return problemTooLarge.because("this takes no body, and waits for none whose length is not told: send Content-Length: 0")
		}
		c.body = []byte{}
		return nil
	}
	if err := mediaType(c.r, "application/json"); err != nil {
		return err
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, c.most))
	if err != nil {
		return bodyError(err)
	}
	c.body = body
	return nil
}

// bodyError tells what kept a body from being read.
func bodyError(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return problemTooLarge.because("send less at once")
	}
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
		return problemTimeout.because("send it again, faster")
	}
	return problemMalformed.because("the body ended early")
}

// mediaType refuses a body that is not said to be of the type.
func mediaType(r *http.Request, want string) error {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err != nil || kind != want:
		return problemMediaType.because("want %s", want)
	case len(params) > 1 || len(params) == 1 && params["charset"] != "utf-8":
		return problemMediaType.because("want %s without parameters", want)
	case r.Header.Get("Content-Encoding") != "":
		return problemMediaType.because("want a body that is not encoded")
	}
	return nil
}

// answer writes what a handler returned: nothing, or a body.
func answer(w http.ResponseWriter, body any) {
	if body == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if text, ok := body.(string); ok {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, text)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body) // a client that has gone asks again
}

// within refuses a batch that is empty or too long.
func within(what string, n, most int) error {
	if n < 1 || n > most {
		return problemMalformed.because("%s: 1 to %d at once, these are %d", what, most, n)
	}
	return nil
}
