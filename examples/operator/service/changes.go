package service

import (
	"context"
	"errors"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/issuer/ledger"
)

// duty returns the duty in the path.
func (c *call) duty() (ledger.DutyID, error) {
	var id api.DutyID
	err := c.segment("id", &id)
	return id.Value, err
}

// replace gives a duty to a substitute.
func (s *Service) replace(c *call) (any, error) {
	id, err := c.duty()
	if err != nil {
		return nil, err
	}
	var body api.Replacement
	if err := decode(c.body, &body); err != nil {
		return nil, err
	}
	found, err := s.config.Store.Find(c.ctx(), []ledger.DutyID{id})
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, problemUnknown.because("duty %s", id)
	}
	duty, err := ledger.Again(found[0], body.Holder)
	if err != nil {
		return nil, err
	}
	records, err := s.rounds.Replace(c.ctx(), id, duty)
	if err != nil {
		return nil, err
	}
	if err := s.publish(c.ctx()); err != nil {
		return nil, err
	}
	return issued(records[0]), nil
}

// issued returns a record as dispatchers see it.
func issued(r ledger.Record) api.Issued {
	return api.Issued{ID: api.Of(r.Duty), Serial: r.Serial, Tag: api.Of(r.Tag), Grant: r.Grant}
}

// publish signs the list of what is withdrawn, for couriers to take to every lock.
// Where it is full, older grants are denied by their age, and those that nobody meant are
// issued again before the list goes out; their holders fetch them with their
// round.
func (s *Service) publish(ctx context.Context) error {
	_, err := s.publisher.Publish(ctx)
	if !errors.Is(err, ledger.ErrFull) {
		return err
	}
	if _, _, err := s.publisher.Raise(ctx); err != nil {
		return err
	}
	for _, err := range s.rounds.Issue(ctx, s.publisher.Bystanders(ctx)) {
		// What the operator may no longer grant is over for good; the others go on.
		if _, one := errors.AsType[*ledger.DutyError](err); err != nil && !one {
			return err
		}
	}
	_, err = s.publisher.Publish(ctx)
	return err
}

// grantParcel issues a grant for one parcel.
func (s *Service) grantParcel(c *call) (any, error) {
	var p api.Parcel
	if err := decode(c.body, &p); err != nil {
		return nil, err
	}
	record, err := s.rounds.Parcel(c.ctx(), ledger.Parcel{
		ID: p.ID.Value, Holder: p.Holder, Lock: p.Lock.Value, Reference: p.Reference.Value, Expires: p.Expires,
		Action: credential.Actions(p.Action), Service: credential.Service(p.Service), Starts: p.Starts, Offline: p.Offline,
	})
	if err != nil {
		return nil, err
	}
	return issued(record), nil
}

// divertParcel withdraws the grant of a parcel.
func (s *Service) divertParcel(c *call) (any, error) {
	id, err := c.duty()
	if err != nil {
		return nil, err
	}
	if err := s.rounds.Withdraw(c.ctx(), id); err != nil {
		return nil, err
	}
	return nil, s.publish(c.ctx())
}

// lost withdraws all that a lost device has.
func (s *Service) lost(c *call) (any, error) {
	var kid api.KeyID
	if err := c.segment("kid", &kid); err != nil {
		return nil, err
	}
	var body api.Loss
	if err := decode(c.body, &body); err != nil {
		return nil, err
	}
	var to credential.PublicKey
	if body.To != nil {
		to = *body.To
	}
	given, left, failed := s.rounds.Lost(c.ctx(), kid.Value, to)
	// What could be withdrawn is withdrawn, so that the list goes out in any case.
	if err := errors.Join(failed, s.publish(c.ctx())); err != nil {
		return nil, err
	}
	answer := api.Lost{Given: make([]api.Issued, len(given)), Left: make([]api.DutyID, len(left))}
	for i, r := range given {
		answer.Given[i] = issued(r)
	}
	for i, r := range left {
		answer.Left[i] = api.Of(r.Duty)
	}
	return answer, nil
}
