package service

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
)

// route is one operation of openapi.yaml.
type route struct {
	method, pattern string
	who             caller
	body            int64 // bytes at most; stream for a handler that reads by itself
	handle          func(s *Service, c *call) (any, error)
}

// stream says that a handler reads the body and writes the answer by itself.
const stream = -1

// ownerRoutes are those of the owners' door.
var ownerRoutes = []route{
	{"PUT", "/v1/boxes/{lock}/owner", stranger, smallBody, (*Service).register},
	{"POST", "/v1/boxes/{lock}/policies", owner, smallBody, (*Service).postPolicy},
	{"PUT", "/v1/boxes/{lock}/log-wanted", owner, smallBody, (*Service).wantLog},
	{"GET", "/v1/boxes/{lock}/pages", owner, 0, (*Service).pages},
	{"DELETE", "/v1/boxes/{lock}/pages", owner, smallBody, (*Service).takePages},
	{"GET", "/v1/boxes/{lock}/documents", owner, 0, (*Service).documents},
	{"GET", "/healthz", anybody, 0, (*Service).health},
}

// staffRoutes are those of the staff's door.
var staffRoutes = []route{
	{"GET", "/v1/staff/round", staff, 0, (*Service).round},
	{"POST", "/v1/staff/deliveries", staff, batchBody, (*Service).deliver},
	{"POST", "/v1/staff/pages", staff, batchBody, (*Service).bringPages},
	{"POST", "/v1/staff/receipts", staff, batchBody, (*Service).bringReceipts},
	{"POST", "/v1/staff/time", staff, smallBody, (*Service).liveTime},
	{"POST", "/v1/duties", dispatcher, stream, (*Service).issue},
	{"POST", "/v1/duties/{id}/replace", dispatcher, smallBody, (*Service).replace},
	{"POST", "/v1/parcels", dispatcher, smallBody, (*Service).grantParcel},
	{"DELETE", "/v1/parcels/{id}", dispatcher, 0, (*Service).divertParcel},
	{"POST", "/v1/handsets/{kid}/lost", dispatcher, smallBody, (*Service).lost},
	{"POST", "/v1/boxes", dispatcher, batchBody, (*Service).place},
	{"GET", "/healthz", anybody, 0, (*Service).health},
	{"GET", "/metrics", dispatcher, 0, (*Service).metrics},
}

// Owners returns the handler for owners and their pages.
func (s *Service) Owners() http.Handler { return s.door(ownerRoutes, s.ownersBusy) }

// Staff returns the handler for devices of the staff and for dispatchers, behind
// a TLS that asks for a client certificate.
func (s *Service) Staff() http.Handler { return s.door(staffRoutes, s.staffBusy) }

// door returns the handler of some routes.  A path is found by the standard
// library's patterns; its own answers for what is not found, and its redirections
// of paths that can be read in two ways, are not wanted here.  Each door has places
// of its own at work, so that whoever crowds one does not shut the other.
func (s *Service) door(routes []route, busy chan struct{}) http.Handler {
	mux := http.NewServeMux()
	methods := make(map[string]map[string]route)
	for _, r := range routes {
		if methods[r.pattern] == nil {
			methods[r.pattern] = make(map[string]route)
			mux.HandleFunc(r.pattern, func(w http.ResponseWriter, q *http.Request) {
				s.serve(w, q, methods[r.pattern], busy)
			})
		}
		methods[r.pattern][r.method] = r
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "" || !plain(r) {
			s.finish(w, r, "", problemNotFound.because("see openapi.yaml"))
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// plain reports whether the path can be read in one way only, and nothing comes
// behind it.
func plain(r *http.Request) bool {
	u := r.URL
	return u.RawPath == "" && u.RawQuery == "" && !u.ForceQuery && strings.HasPrefix(u.Path, "/") && path.Clean(u.Path) == u.Path
}

// serve carries out one request, by the route of its method.
func (s *Service) serve(w http.ResponseWriter, r *http.Request, methods map[string]route, busy chan struct{}) {
	route, ok := methods[r.Method]
	if !ok {
		allowed := make([]string, 0, len(methods))
		for m := range methods {
			allowed = append(allowed, m)
		}
		slices.Sort(allowed)
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		s.finish(w, r, "", problemMethod.because("it has %s", strings.Join(allowed, ", ")))
		return
	}
	defer s.rescue(w, r, route.pattern)
	select {
	case busy <- struct{}{}:
		defer func() { <-busy }()
	default:
		s.finish(w, r, route.pattern, problemBusy.because("try again later"))
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	c := &call{w: w, r: r, most: route.body, leave: func() {}}
	defer func() { c.leave() }()
	body, err := s.carryOut(route, c)
	if c.begun {
		s.note(r, route.pattern, err)
		return
	}
	if err != nil {
		s.finish(w, r, route.pattern, err)
		return
	}
	s.note(r, route.pattern, nil)
	answer(w, body)
}

// carryOut finds out who calls, reads the body, and hands the call to its handler.
// The body of whoever may not call is not waited for.
func (s *Service) carryOut(route route, c *call) (any, error) {
	var err error
	if c.now, err = s.now(); err != nil {
		return nil, err
	}
	if err := route.who(s, c); err != nil {
		return nil, err
	}
	if err := c.read(); err != nil {
		return nil, err
	}
	return route.handle(s, c)
}

// rescue answers for a handler that failed, which is a fault of this program.  What
// it was says the log: where, and not with which bytes.
func (s *Service) rescue(w http.ResponseWriter, r *http.Request, pattern string) {
	fault := recover()
	switch {
	case fault == nil:
		return
	case fault == http.ErrAbortHandler:
		panic(fault)
	}
	s.config.Log.Error("panic", "kind", fmt.Sprintf("%T", fault), "stack", stack())
	s.finish(w, r, pattern, problemInternal.because("nothing was acknowledged"))
}

// finish answers with what an error means, and notes it.
func (s *Service) finish(w http.ResponseWriter, r *http.Request, pattern string, err error) {
	s.note(r, pattern, err)
	refuse(w, problemOf(err))
}
