package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/api"
)

// counters count requests by route and by what became of them.
type counters struct {
	mu    sync.Mutex
	count map[[2]string]uint64
}

func (c *counters) start() { c.count = make(map[[2]string]uint64) }

// add counts one request.  Route and result are of this program's own, few words.
func (c *counters) add(route, result string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count[[2]string{route, result}]++
}

// text returns the counters in the text format of Prometheus.
func (c *counters) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var lines []string
	for k, n := range c.count {
		lines = append(lines, fmt.Sprintf("postern_requests_total{route=%q,result=%q} %d\n", k[0], k[1], n))
	}
	slices.Sort(lines)
	return "# HELP postern_requests_total Requests by route and result since the start.\n# TYPE postern_requests_total counter\n" + strings.Join(lines, "")
}

// gone is what became of a request whose client left before its answer.  The store's
// call ends by it, which is no fault of the store: else whoever leaves often enough
// would have an alarm rung.
const gone = "gone"

var errGone = errors.New("service: the client left in the middle of an answer")

// note counts a request and logs it, without a key, an id or an address: the
// route's pattern, and the name of the problem.  The cause of what is the
// service's own fault goes to the log alone.
func (s *Service) note(r *http.Request, pattern string, err error) {
	if pattern == "" {
		pattern = "none"
	}
	result := "ok"
	if err == nil {
		s.counters.add(r.Method+" "+pattern, result)
		s.config.Log.Debug("request", "route", r.Method+" "+pattern)
		return
	}
	if errors.Is(err, errGone) || errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		s.counters.add(r.Method+" "+pattern, gone)
		s.config.Log.Info(gone, "route", r.Method+" "+pattern)
		return
	}
	p := problemOf(err)
	method := r.Method
	if p.Name() == problemMethod.name || p.Name() == problemNotFound.name {
		method = "ANY" // whatever somebody chose to send
	}
	s.counters.add(method+" "+pattern, p.Name())
	attrs := []any{"route", method + " " + pattern, "problem", p.Name()}
	if p.Status < http.StatusInternalServerError {
		s.config.Log.Info("refused", attrs...)
		return
	}
	s.config.Log.Error("failed", append(attrs, "cause", causeOf(err))...)
}

// id is what keys, locks, tags and duties look like as text.
var id = regexp.MustCompile(`[0-9a-f]{16,}`)

// causeOf returns the text of an error that is the service's own, as far as it
// can be in a log.
func causeOf(err error) slog.Value {
	text := err.Error()
	if p, ok := errors.AsType[*api.Problem](err); ok {
		text = p.Detail
	}
	return slog.StringValue(id.ReplaceAllString(text, "…"))
}

// stack returns the functions that led here, by their names and lines.  Go's own
// text of a stack has arguments too, the bytes of a lock's id among them.
func stack() string {
	var callers [32]uintptr
	var text strings.Builder
	frames := runtime.CallersFrames(callers[:runtime.Callers(3, callers[:])])
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		fmt.Fprintf(&text, "%s:%d\n", f.Function, f.Line)
	}
	return text.String()
}

// pulse is when the store was last heard.
type pulse struct {
	mu sync.Mutex
	at credential.Time
}

// health asks the store whether it answers, once a second at most: anybody may ask
// this.
func (s *Service) health(c *call) (any, error) {
	s.pulse.mu.Lock()
	defer s.pulse.mu.Unlock()
	if s.pulse.at != c.now {
		if _, err := s.config.Store.Since(c.ctx(), 1<<62, 1); err != nil {
			return nil, err
		}
		s.pulse.at = c.now
	}
	return "ok\n", nil
}

// metrics tells the counters.
func (s *Service) metrics(*call) (any, error) { return s.counters.text(), nil }
