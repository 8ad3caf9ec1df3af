package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/examples/operator/book"
	"github.com/postern-lock/postern/examples/operator/signature"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/issuer/ledger"
)

// problem is a kind of error of the interface: a section of problems.md.
type problem struct {
	name   string
	status int
	title  string
}

// The kinds of errors, in the order of problems.md.
var (
	problemMalformed   = problem{"malformed", http.StatusBadRequest, "the request breaks the form of this interface"}
	problemNotFound    = problem{"not-found", http.StatusNotFound, "there is nothing at this path"}
	problemMethod      = problem{"method", http.StatusMethodNotAllowed, "the path has no such method"}
	problemMediaType   = problem{"media-type", http.StatusUnsupportedMediaType, "the body has another media type than this path takes"}
	problemTooLarge    = problem{"too-large", http.StatusRequestEntityTooLarge, "the body is larger than this path takes"}
	problemTimeout     = problem{"timeout", http.StatusRequestTimeout, "the body came too slowly"}
	problemUnsigned    = problem{"unsigned", http.StatusUnauthorized, "the request lacks a good signature of an owner"}
	problemHost        = problem{"host", http.StatusMisdirectedRequest, "the request is for another host"}
	problemReplayed    = problem{"replayed", http.StatusConflict, "the signed request was taken before"}
	problemCertificate = problem{"certificate", http.StatusUnauthorized, "the connection has no client certificate"}
	problemNotOwner    = problem{"not-owner", http.StatusForbidden, "the key is not known to be the owner's"}
	problemNotOnDuty   = problem{"not-on-duty", http.StatusForbidden, "the device holds no duty"}
	problemNotOnRound  = problem{"not-on-round", http.StatusForbidden, "the lock is not on the device's rounds, or its log is not wanted"}
	problemNotListed   = problem{"not-listed", http.StatusForbidden, "the key is not one of a dispatcher"}
	problemObject      = problem{"object", http.StatusUnprocessableEntity, "a signed object breaks a rule of the standard"}
	problemNotProved   = problem{"not-proved", http.StatusUnprocessableEntity, "the receipt does not prove that the key is the owner's"}
	problemOlder       = problem{"older-receipt", http.StatusConflict, "a newer receipt says whose the lock is"}
	problemSuperseded  = problem{"superseded", http.StatusConflict, "there is a newer document"}
	problemVersion     = problem{"version", http.StatusUnprocessableEntity, "the policy's version is too far above the lock's"}
	problemConflict    = problem{"conflict", http.StatusConflict, "the number was used for other content"}
	problemUnknown     = problem{"unknown", http.StatusNotFound, "the operator knows no such lock or duty"}
	problemInvalid     = problem{"invalid", http.StatusUnprocessableEntity, "what is asked breaks a rule of the ledger"}
	problemQuota       = problem{"quota", http.StatusConflict, "as many pages wait for the owner as may"}
	problemTooMany     = problem{"too-many", http.StatusTooManyRequests, "too many requests with this key"}
	problemBusy        = problem{"busy", http.StatusServiceUnavailable, "too many requests at once"}
	problemStore       = problem{"store-away", http.StatusServiceUnavailable, "the store does not answer"}
	problemSigner      = problem{"signer-away", http.StatusServiceUnavailable, "the service cannot sign now"}
	problemSilent      = problem{"silent", http.StatusServiceUnavailable, "the store or the signing key gave no answer in time"}
	problemClock       = problem{"clock", http.StatusServiceUnavailable, "the service's clock is wrong"}
	problemFull        = problem{"full", http.StatusInsufficientStorage, "a list or the medium is full"}
	problemInternal    = problem{"internal", http.StatusInternalServerError, "the service failed"}
)

// problems are all kinds.
var problems = []problem{
	problemMalformed, problemNotFound, problemMethod, problemMediaType, problemTooLarge, problemTimeout, problemUnsigned, problemHost,
	problemReplayed, problemCertificate, problemNotOwner, problemNotOnDuty, problemNotOnRound, problemNotListed, problemObject,
	problemNotProved, problemOlder, problemSuperseded, problemVersion, problemConflict, problemUnknown, problemInvalid, problemQuota,
	problemTooMany, problemBusy, problemStore, problemSigner, problemSilent, problemClock, problemFull, problemInternal,
}

// because returns the problem with a detail.
func (p problem) because(format string, args ...any) *api.Problem {
	return &api.Problem{Type: api.ProblemBase + p.name, Title: p.title, Status: p.status, Detail: fmt.Sprintf(format, args...)}
}

// causes says which problem an error is, the first that it wraps.
var causes = []struct {
	err     error
	problem problem
}{
	{signature.ErrMissing, problemUnsigned},
	{signature.ErrDigest, problemUnsigned},
	{signature.ErrTime, problemUnsigned},
	{signature.ErrSignature, problemUnsigned},
	{book.ErrNobody, problemNotOwner},
	{book.ErrOlder, problemOlder},
	{book.ErrSpent, problemReplayed},
	{book.ErrQuota, problemQuota},
	{ledger.ErrClock, problemClock},
	{ledger.ErrUnknown, problemUnknown},
	{ledger.ErrSuperseded, problemSuperseded},
	{ledger.ErrFull, problemFull},
	{ledger.ErrConflict, problemConflict},
	{ledger.ErrInvalid, problemInvalid},
	{ledger.ErrSilent, problemSilent},
	{ErrSigner, problemSigner},
	{issuer.ErrKey, problemSigner},
}

// problemOf returns what a client is told of an error.  Of one that is none of
// its own doing it is not told the cause, which goes to the log.
func problemOf(err error) *api.Problem {
	if p, ok := errors.AsType[*api.Problem](err); ok {
		return p
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return problemTooLarge.because("send less at once")
	}
	for _, c := range causes {
		if errors.Is(err, c.err) {
			p := c.problem.because("%s", err)
			if p.Status >= http.StatusInternalServerError {
				p.Detail = "nothing was changed; try again later"
			}
			return p
		}
	}
	if e, ok := errors.AsType[*credential.Error](err); ok {
		p := problemObject.because("%s", e.Detail)
		p.Reason = e.Reason.String()
		return p
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return problemStore.because("it took too long; try again later")
	}
	return problemStore.because("nothing was acknowledged; try again later")
}

// retryAfter is what a client whose request can succeed later is told to wait, in
// seconds.
const retryAfter = 5

// refuse answers with a problem.
func refuse(w http.ResponseWriter, p *api.Problem) {
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	if p.Temporary() {
		h.Set("Retry-After", strconv.Itoa(retryAfter))
	}
	if p.Name() == problemUnsigned.name {
		h.Set("WWW-Authenticate", `Signature realm="postern-owner"`)
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // a client that has gone learns nothing
}
