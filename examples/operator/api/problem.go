package api

import (
	"net/http"
	"strings"
)

// ProblemBase is what the type of every problem begins with; its name follows.
const ProblemBase = "https://github.com/postern-lock/postern/blob/main/examples/operator/service/problems.md#"

// Problem says why a request was not carried out (RFC 9457).  It is an error.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	// Reason is a name of the registry reasons, where a signed object broke a rule
	// of the standard.
	Reason string `json:"reason,omitempty"`
	// Version is what a new policy has to exceed, where one is superseded.
	Version uint32 `json:"version,omitempty"`
}

// Name returns the problem's name, a section of service/problems.md.
func (p *Problem) Name() string { return strings.TrimPrefix(p.Type, ProblemBase) }

// Error returns name, title and detail in one line.
func (p *Problem) Error() string {
	s := p.Name() + ": " + p.Title
	if p.Detail != "" {
		s += ": " + p.Detail
	}
	return s
}

// Temporary reports whether the same request can succeed later.
func (p *Problem) Temporary() bool {
	return p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests || p.Status == http.StatusInsufficientStorage
}
