package handset

import (
	"errors"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/credential/holder/home"
	"github.com/postern-lock/postern/examples/operator/api"
)

// fault says why something was not done, for a screen that has words of its own.
type fault struct {
	Error string `json:"error"` // for developers
	// Input names what is wrong with what the person gave.
	Input   string `json:"input,omitempty"`
	Network bool   `json:"network,omitempty"` // the service could not be reached
	Service string `json:"service,omitempty"` // why the service did not take it: a name of its problems
	Reason  string `json:"reason,omitempty"`  // from the registry reasons
	Advice  uint8  `json:"advice,omitempty"`  // a holder.Advice
}

// inputError says what is wrong with what the person gave, by the name of a text.
type inputError string

// Error returns the name.
func (e inputError) Error() string { return "handset: input: " + string(e) }

// inputs are the errors of home that the person can do something about.
var inputs = map[error]inputError{
	home.ErrTime: "time", home.ErrGuest: "guest", home.ErrGivenAway: "given", home.ErrBehind: "behind",
	home.ErrPolicy: "transfer", home.ErrVersion: "version", home.ErrKeep: "keep", home.ErrNotYours: "yours",
}

// faultOf returns what a screen is told of an error, nil of none.
func faultOf(err error) *fault {
	if err == nil {
		return nil
	}
	f := &fault{Error: err.Error()}
	if tap, ok := errors.AsType[*holder.Error](err); ok {
		f.Reason, f.Advice = tap.Reason.String(), uint8(tap.Advice)
		return f
	}
	if in, ok := errors.AsType[inputError](err); ok {
		f.Input = string(in)
		return f
	}
	for known, in := range inputs {
		if errors.Is(err, known) {
			f.Input = string(in)
			return f
		}
	}
	if problem, ok := errors.AsType[*api.Problem](err); ok {
		f.Service = problem.Name()
	} else {
		f.Network = errors.Is(err, errService)
	}
	if r, ok := errors.AsType[credential.Reason](err); ok {
		f.Reason = r.String()
	}
	return f
}
