package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/examples/operator/demo"
	"github.com/postern-lock/postern/examples/operator/page"
	"github.com/postern-lock/postern/examples/operator/page/handset"
	"github.com/postern-lock/postern/issuer/ledger"
)

// town is the demonstration under test.
type town struct {
	t      *testing.T
	page   string
	folder string
	street *demo.Street
	store  ledger.Store
	heard  *recorder // what the page's server is sent
	stop   func()
}

// newTown starts the demonstration in a folder, with a page that has the phone.
func newTown(t *testing.T, folder string, phone page.Phone) *town {
	t.Helper()
	return newTownOn(t, folder, "", phone)
}

// newTownOn starts it with the ledger on a database.
func newTownOn(t *testing.T, folder, store string, phone page.Phone) *town {
	t.Helper()
	s, err := openWith(t.Context(), options{address: "127.0.0.1:0", folder: folder, store: store, say: func(string) {}}, phone)
	require.NoError(t, err)
	o := &town{t: t, page: s.Page, folder: folder, street: s.street, store: s.store}
	for server := range s.servers {
		if server.TLSConfig == nil {
			o.heard = &recorder{next: server.Handler}
			server.Handler = o.heard
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- s.serve(ctx, func() { close(ready) }) }()
	select {
	case <-ready:
	case err := <-ended:
		require.NoError(t, err)
	}
	o.stop = func() {
		cancel()
		require.NoError(t, <-ended)
		o.stop = func() {}
	}
	t.Cleanup(func() { o.stop() })
	return o
}

// post asks the street for something, as the page's buttons do.
func (o *town) post(path string, body, into any) {
	o.t.Helper()
	sent, err := json.Marshal(body)
	require.NoError(o.t, err)
	answer, err := http.Post(o.page+path, "application/json", bytes.NewReader(sent))
	require.NoError(o.t, err)
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	require.NoError(o.t, err)
	require.Equal(o.t, 2, answer.StatusCode/100, "%s: %s", path, content)
	if into != nil {
		require.NoError(o.t, json.Unmarshal(content, into))
	}
}

// postman has the postman come by, and returns his visit to the first box.
func (o *town) postman() demo.Visit {
	o.t.Helper()
	var walk demo.Walk
	o.post("demo/postman", nil, &walk)
	require.Len(o.t, walk.Visits, len(o.street.Boxes))
	return walk.Visits[0]
}

// waiting returns how many policies are in the outbox of the round.
func (o *town) waiting() int {
	o.t.Helper()
	load, err := o.store.Outbox(o.t.Context(), []byte(demo.Round))
	require.NoError(o.t, err)
	return len(load.Policies)
}

// person is somebody with a handset, and what it keeps.
type person struct {
	t      *testing.T
	config handset.Config
	kept   []byte
	phone  *handset.Handset
}

// person gives somebody a handset.
func (o *town) person() *person {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(o.t, err)
	k, err := holder.NewKey(key)
	require.NoError(o.t, err)
	p := &person{t: o.t}
	p.config = handset.Config{
		Key: k, Roots: []credential.PublicKey{o.street.Scheme}, Makers: [][]byte{o.street.Maker.Authority().Bytes()},
		Rand: rand.Reader, Now: o.street.Clock.Now, HTTP: http.DefaultClient, Service: o.page[:len(o.page)-1],
		Save: func(memory []byte) error { p.kept = bytes.Clone(memory); return nil },
		Hold: func(_ context.Context, lock credential.LockID) (apdu.Transceiver, func(), error) {
			b, ok := o.street.Box(lock)
			require.True(o.t, ok)
			field, err := b.Approach(0)
			return field, field.Leave, err
		},
	}
	p.restart()
	return p
}

// restart starts the handset anew, from what it kept.
func (p *person) restart() {
	var err error
	p.phone, err = handset.New(p.config, p.kept)
	require.NoError(p.t, err)
}

// told is what a handset says after an action.
type told struct {
	State struct {
		Request string
		Boxes   []struct {
			Lock, Name               string
			Underway                 []string
			Posted, Said, Shown      bool
			Behind, Outdone, Arrived bool
			Services                 []string
			Transfer                 string
			Guests                   []struct{ ID, Name, Status string }
			History                  []struct{ Who, Name, Service, Operation, Outcome string }
		}
		Passes []struct{ ID, Lock string }
	}
	Lock   string
	Result *struct {
		Outcome, Reason string
		Brought         int
		Notice          *struct{ Kind string }
	}
	Pass         *struct{ Link string }
	Read         int
	Link, Backup string
	Error, Input string
	Network      bool
	Service      string
	Reason       string
	Advice       uint8
}

// tells has the handset do something, and returns what it says.
func (p *person) tells(name string, values map[string]any) (came told) {
	p.t.Helper()
	sent, err := json.Marshal(values)
	require.NoError(p.t, err)
	require.NoError(p.t, json.Unmarshal(p.phone.Act(p.t.Context(), name, sent), &came))
	return came
}

// does has the handset do something that works.
func (p *person) does(name string, values map[string]any) told {
	p.t.Helper()
	came := p.tells(name, values)
	require.Empty(p.t, came.Error, name)
	return came
}
