package demo

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// maxAnswer bounds what a client of the service reads of an answer, in bytes.
const maxAnswer = 16 << 20

// Bytes are bytes that stand in JSON as base64url without padding.
type Bytes []byte

// MarshalText encodes the bytes.
func (b Bytes) MarshalText() ([]byte, error) {
	return base64.RawURLEncoding.AppendEncode(nil, b), nil
}

// UnmarshalText decodes the bytes.
func (b *Bytes) UnmarshalText(text []byte) (err error) {
	*b, err = base64.RawURLEncoding.Strict().AppendDecode(nil, text)
	return err
}

// client is a device that speaks with the service, by a TLS client certificate of
// its own key.
type client struct {
	http *http.Client
	base string // such as https://127.0.0.1:8443
}

// round is what the service gives a postman in the morning.
type round struct {
	Grants      []Bytes `json:"grants"`
	Authorities []Bytes `json:"authorities"`
	Lists       []Bytes `json:"lists"`
	Policies    []struct {
		Lock     string `json:"lock"`
		Tag      string `json:"tag"`
		Document Bytes  `json:"document"`
	} `json:"policies"`
	Logs []string `json:"logs"`
}

// delivery says that a lock holds a policy now.
type delivery struct {
	Lock string `json:"lock"`
	Tag  string `json:"tag"`
}

// pages are of the log of one lock.
type pages struct {
	Lock  string  `json:"lock"`
	Pages []Bytes `json:"pages"`
}

// receipt is a lock's signed statement of a visit, with the certificates of the
// lock and of its maker.
type receipt struct {
	Receipt      Bytes   `json:"receipt"`
	Certificates []Bytes `json:"certificates"`
}

// ask sends an object to the service as JSON, or with nil none, and reads its
// answer into another, or with nil none.
func (c client) ask(ctx context.Context, method, path string, object, into any) error {
	var body []byte
	if object != nil {
		var err error
		if body, err = json.Marshal(object); err != nil {
			return err
		}
	}
	return c.send(ctx, method, path, "application/json", body, into)
}

// send sends a body to the service, and reads its answer.
func (c client) send(ctx context.Context, method, path, kind string, body []byte, into any) error {
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if body != nil {
		r.Header.Set("Content-Type", kind)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	switch {
	case err != nil:
		return err
	case answer.StatusCode/100 != 2:
		return fmt.Errorf("demo: the service answers %s to %s %s: %s", answer.Status, method, path, content[:min(len(content), 400)])
	case into == nil:
		return nil
	}
	return json.Unmarshal(content, into)
}
