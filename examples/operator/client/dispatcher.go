package client

import (
	"bufio"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/issuer/ledger"
)

// ErrCut says that a stream of grants ended before its summary.  Send the duties
// again: those that have a grant get the same one.
var ErrCut = errors.New("client: the stream was cut; send the duties again")

// maxLine is how many bytes of one line of an answer are read at most.
const maxLine = 8 << 10

// Dispatcher has grants issued and withdrawn, with a key that the operator lists.
type Dispatcher struct{ connection }

// NewDispatcher returns the dispatcher with the key.  Base and roots are as of
// [NewStaff].
func NewDispatcher(base string, key crypto.Signer, roots *x509.CertPool) (*Dispatcher, error) {
	h, err := certified(key, roots)
	if err != nil {
		return nil, err
	}
	return &Dispatcher{connection{base: base, http: h}}, nil
}

// Issue has a grant issued for each duty, while the duties are read.  A line has a
// grant, or the problem of one duty; an error is the last thing that comes: ErrCut, a
// *api.Problem that ended the stream, or one of the connection.
func (d *Dispatcher) Issue(ctx context.Context, duties iter.Seq[api.Duty]) iter.Seq2[api.Line, error] {
	return func(yield func(api.Line, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		body, feed := io.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			feed.CloseWithError(write(feed, duties))
		}()
		defer func() { cancel(); body.Close(); <-done }()
		r, err := http.NewRequestWithContext(ctx, "POST", d.url("/v1/duties"), body)
		if err != nil {
			yield(api.Line{}, fmt.Errorf("client: %w", err))
			return
		}
		r.Header.Set("Content-Type", "application/x-ndjson")
		w, err := d.http.Do(r)
		if err != nil {
			yield(api.Line{}, fmt.Errorf("client: %w", err))
			return
		}
		defer w.Body.Close()
		if w.StatusCode >= http.StatusBadRequest {
			yield(api.Line{}, problemIn(w))
			return
		}
		if err := read(w.Body, yield); err != nil {
			yield(api.Line{}, err)
		}
	}
}

// write writes duties, one a line.
func write(w io.Writer, duties iter.Seq[api.Duty]) error {
	for d := range duties {
		if err := json.NewEncoder(w).Encode(d); err != nil {
			return err
		}
	}
	return nil
}

// read hands out the lines of an answer, but for the summary.  The error is nil
// where all came, or where the caller has enough.
func read(r io.Reader, yield func(api.Line, error) bool) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		var l api.Line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return fmt.Errorf("%w: %w", ErrAnswer, err)
		}
		switch {
		case l.Summary != nil:
			return nil
		case l.Problem != nil && l.ID == nil && l.Line == 0:
			return l.Problem
		case !yield(l, nil):
			return nil
		}
	}
	return errors.Join(ErrCut, lines.Err())
}

// Replace gives a duty to a substitute.
func (d *Dispatcher) Replace(ctx context.Context, duty ledger.DutyID, holder credential.PublicKey) (api.Issued, error) {
	var i api.Issued
	err := d.ask(ctx, "POST", "/v1/duties/"+duty.String()+"/replace", api.Replacement{Holder: holder}, &i)
	return i, err
}

// Parcel has a grant issued for one parcel.
func (d *Dispatcher) Parcel(ctx context.Context, p api.Parcel) (api.Issued, error) {
	var i api.Issued
	err := d.ask(ctx, "POST", "/v1/parcels", p, &i)
	return i, err
}

// Divert withdraws the grant of a parcel.
func (d *Dispatcher) Divert(ctx context.Context, parcel ledger.DutyID) error {
	return d.ask(ctx, "DELETE", "/v1/parcels/"+parcel.String(), nil, nil)
}

// Lost withdraws all that a lost device has, and gives its rounds to another key;
// nil for nobody.
func (d *Dispatcher) Lost(ctx context.Context, device credential.KeyID, to *credential.PublicKey) (api.Lost, error) {
	var l api.Lost
	err := d.ask(ctx, "POST", "/v1/handsets/"+device.String()+"/lost", api.Loss{To: to}, &l)
	return l, err
}

// Place tells where boxes are, at most 1024.
func (d *Dispatcher) Place(ctx context.Context, boxes []api.Box) error {
	return d.ask(ctx, "POST", "/v1/boxes", api.Boxes{Boxes: boxes}, nil)
}
