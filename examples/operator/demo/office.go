package demo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/issuer/ledger"
)

// office is the dispatcher of the post, at a device of his own.
type office struct {
	street *Street
	http   *http.Client
	door   string // of the staff
}

// newOffice returns the dispatcher, who trusts the server's certificate.
func newOffice(s *Street, door string, server *x509.Certificate) (office, error) {
	h, err := device(s.key("dispatcher"), server)
	return office{s, h, door}, err
}

// place tells the service where the boxes are.
func (o office) place(ctx context.Context) error {
	var all api.Boxes
	for _, b := range o.street.Boxes {
		all.Boxes = append(all.Boxes, api.Box{Lock: api.Of(b.ID), Area: api.Bytes(b.Area)})
	}
	return o.send(ctx, "/v1/boxes", "application/json", all)
}

// assign has the service issue the grant of the day to the postman, who fetches it
// himself.  The same day's duty gives the same grant.
func (o office) assign(ctx context.Context, postman credential.PublicKey, now time.Time) error {
	day := now.Truncate(24 * time.Hour)
	id := sha256.Sum256([]byte(Round + " " + postman.String() + " " + day.Format(time.DateOnly)))
	return o.send(ctx, "/v1/duties", "application/x-ndjson", api.Duty{
		ID: api.Of(ledger.DutyID(id[:16])), Holder: postman, Area: api.Bytes(Round), Service: api.Service(credential.ServicePost),
		Actions:   api.Actions(credential.ActionDeliver | credential.ActionCollect),
		NotBefore: credential.At(day), Expires: credential.At(day.Add(26 * time.Hour)),
	})
}

// send sends an object to the service, as JSON in one line.
func (o office) send(ctx context.Context, path, kind string, object any) error {
	line, err := json.Marshal(object)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, o.door+path, bytes.NewReader(append(line, '\n')))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", kind)
	answer, err := o.http.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	told, err := io.ReadAll(io.LimitReader(answer.Body, 1<<16))
	if err == nil && (answer.StatusCode/100 != 2 || bytes.Contains(told, []byte(`"problem"`))) {
		err = fmt.Errorf("demo: the service answers %s to %s: %s", answer.Status, path, told[:min(len(told), 400)])
	}
	return err
}
