package api

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/postern-lock/postern/credential"
)

// Service is a service by its name in the registry services.
type Service credential.Service

// Action is one action by its name in the registry actions.
type Action credential.Actions

// Actions are actions by their names in the registry actions, an array in JSON.
type Actions credential.Actions

var services = []credential.Service{
	credential.ServicePost, credential.ServiceParcel, credential.ServicePress, credential.ServiceEnergy,
	credential.ServiceWater, credential.ServiceTelecom, credential.ServiceEmergency, credential.ServiceMaintenance,
}

var actions = []credential.Actions{
	credential.ActionOpen, credential.ActionDeliver, credential.ActionCollect, credential.ActionReturn,
	credential.ActionService, credential.ActionReadLog, credential.ActionConfigure,
}

var errActions = errors.New("want an array of names of actions, none twice")

// MarshalText returns the service's name.
func (s Service) MarshalText() ([]byte, error) { return []byte(credential.Service(s).String()), nil }

// UnmarshalText reads a service's name.
func (s *Service) UnmarshalText(text []byte) error {
	for _, known := range services {
		if known.String() == string(text) {
			*s = Service(known)
			return nil
		}
	}
	return fmt.Errorf("%q is no name of a service", text)
}

// MarshalText returns the action's name.
func (a Action) MarshalText() ([]byte, error) { return []byte(credential.Actions(a).String()), nil }

// UnmarshalText reads an action's name.
func (a *Action) UnmarshalText(text []byte) error {
	known := byName(string(text))
	if known == 0 {
		return fmt.Errorf("%q is no name of an action", text)
	}
	*a = Action(known)
	return nil
}

// MarshalJSON returns the names.
func (a Actions) MarshalJSON() ([]byte, error) {
	names := []string{}
	for _, known := range actions {
		if credential.Actions(a).Has(known) {
			names = append(names, known.String())
		}
	}
	return json.Marshal(names)
}

// UnmarshalJSON reads the names.
func (a *Actions) UnmarshalJSON(data []byte) error {
	var names []string
	if err := json.Unmarshal(data, &names); err != nil || len(names) == 0 {
		return errActions
	}
	var set credential.Actions
	for _, name := range names {
		action := byName(name)
		if action == 0 || set.Has(action) {
			return errActions
		}
		set |= action
	}
	*a = Actions(set)
	return nil
}

// byName returns the action with the name, and zero for none.
func byName(name string) credential.Actions {
	for _, known := range actions {
		if known.String() == name {
			return known
		}
	}
	return 0
}
