package service

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/signature"
	"github.com/postern-lock/postern/issuer/ledger"
)

// Service answers requests.  Owners and the staff come to doors of their own:
// [Service.Owners] needs no client certificate, [Service.Staff] does.
type Service struct {
	config      Config
	hosts       map[string]bool
	verifier    credential.Verifier
	lists       []*credential.RevocationList // of the schemes
	makers      []*credential.Authority
	authorities [][]byte // of the operator's own signers, for whoever takes their objects along

	owners, devices, desks *throttle
	strangers              chan struct{}     // one place for each request of somebody who is no known owner, until it has come whole
	ownersBusy, staffBusy  chan struct{}     // of each door: one place for each request at work
	streams                chan struct{}     // one place for each stream of duties
	counting               [64]chan struct{} // of the locks whose ids end so: one place for whoever changes their pages and the notes of them
	pause                  time.Duration     // of a stream
	rounds                 ledger.Rounds
	publisher              ledger.Publisher
	counters               counters
	pulse                  pulse

	clock  sync.Mutex
	newest credential.Time // that the clock showed
}

// Bounds of what is done at once and how often.
const (
	atOnce   = 256 // requests at work, of each door
	unproved = 128 // of them, that wait for what strangers send

	ownerRate, ownerBurst   = 2, 30 // signed requests of one owner: so many a second, so many at once
	deviceRate, deviceBurst = 5, 60
	deskRate, deskBurst     = 50, 200

	ownerWidth, deviceWidth, deskWidth = 8, 16, 64 // requests of one key at work
)

// New returns the service of a configuration.  The error says what is wrong with
// the configuration.
func New(c Config) (*Service, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	s := &Service{
		config:     c,
		hosts:      make(map[string]bool, len(c.Hosts)),
		verifier:   credential.Verifier{Roots: slices.Clone(c.Roots)},
		owners:     newThrottle(ownerRate, ownerBurst, ownerWidth),
		devices:    newThrottle(deviceRate, deviceBurst, deviceWidth),
		desks:      newThrottle(deskRate, deskBurst, deskWidth),
		strangers:  make(chan struct{}, unproved),
		ownersBusy: make(chan struct{}, atOnce),
		staffBusy:  make(chan struct{}, atOnce),
		streams:    make(chan struct{}, streamsAtAll),
		pause:      streamPause,
	}
	longest := max(c.Longest, c.Operator.Authority().LongestGrant(), c.Revoker.Authority().LongestGrant())
	s.rounds = ledger.Rounds{Operator: c.Operator, Store: c.Store, Now: s.signingTime, MinArea: c.MinArea, Longest: longest}
	s.publisher = ledger.Publisher{Revoker: c.Revoker, Store: c.Store, Now: s.signingTime, Longest: longest}
	s.counters.start()
	for i := range s.counting {
		s.counting[i] = make(chan struct{}, 1)
	}
	for _, h := range c.Hosts {
		s.hosts[signature.Authority("https", h)] = true
	}
	for i, b := range c.Lists {
		u, err := credential.ParseRevocationList(b)
		if err != nil {
			return nil, fmt.Errorf("%w: Lists[%d]: %w", errConfig, i, err)
		}
		list, err := s.verifier.SchemeList(u)
		if err != nil {
			return nil, fmt.Errorf("%w: Lists[%d]: %w", errConfig, i, err)
		}
		s.lists = append(s.lists, list)
	}
	for i, m := range c.Makers {
		maker, err := s.authority(m)
		if err != nil {
			return nil, fmt.Errorf("%w: Makers[%d]: %w", errConfig, i, err)
		}
		s.makers = append(s.makers, maker)
	}
	for _, a := range []*credential.Authority{c.Operator.Authority(), c.Revoker.Authority(), c.Time.Authority()} {
		if !slices.ContainsFunc(s.authorities, func(b []byte) bool { return string(b) == string(a.Bytes()) }) {
			s.authorities = append(s.authorities, a.Bytes())
		}
	}
	return s, nil
}
