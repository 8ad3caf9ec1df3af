package demo

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/postern-lock/postern/credential"
)

// Bounds of what the street is asked.
const (
	maxCommand = 65544   // bytes of the longest command APDU
	maxHours   = 31 * 24 // by which the clock is moved at once
)

// counter is where the street is asked for things, by HTTP.
type counter struct {
	*Street
	postman func(context.Context) (Walk, error) // walks the round for the service
	courier func(context.Context) (Walk, error) // of the carrier of parcels

	walking sync.Mutex // one visitor at a time

	mu     sync.Mutex
	fields map[string]*Field // one of each box at most
	shaky  int               // commands after which the next phone is pulled away; 0: it is held still
}

// routes returns the street's paths, all below /demo/.
func (s *counter) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /demo/street", s.look)
	mux.HandleFunc("POST /demo/clock", s.moveClock)
	mux.HandleFunc("POST /demo/hand", s.shake)
	mux.HandleFunc("POST /demo/boxes/{lock}/button", s.press)
	mux.HandleFunc("POST /demo/boxes/{lock}/tap", s.approach)
	mux.HandleFunc("POST /demo/boxes/{lock}/tap/{session}", s.transceive)
	mux.HandleFunc("DELETE /demo/boxes/{lock}/tap/{session}", s.leave)
	mux.HandleFunc("POST /demo/postman", s.walk(s.postman))
	mux.HandleFunc("POST /demo/courier", s.walk(s.courier))
	return mux
}

// look tells what somebody in the street sees, who also looks into vacant boxes.
func (s *counter) look(w http.ResponseWriter, _ *http.Request) {
	type box struct {
		Number int    `json:"number"`
		Lock   string `json:"lock"`
		Area   string `json:"area"`
		Vacant bool   `json:"vacant"`
		Secret string `json:"secret"` // hexadecimal, as it is printed inside
	}
	told := struct {
		Now   int64 `json:"now"`   // Unix time in seconds
		Ahead int   `json:"ahead"` // of the world, in hours
		Boxes []box `json:"boxes"`
	}{Now: s.Clock.Now().Unix(), Ahead: int(s.Clock.Ahead() / time.Hour)}
	for _, b := range s.Boxes {
		vacant, err := b.Vacant()
		if err != nil {
			fail(w, http.StatusInternalServerError, err)
			return
		}
		told.Boxes = append(told.Boxes, box{b.Number, b.ID.String(), b.Area, vacant, hex.EncodeToString(b.Setup[:])})
	}
	answer(w, told)
}

// moveClock moves the street's clock on.
func (s *counter) moveClock(w http.ResponseWriter, r *http.Request) {
	var asked struct{ Hours int }
	if err := read(w, r, &asked); err != nil || asked.Hours < 1 || asked.Hours > maxHours {
		fail(w, http.StatusBadRequest, errors.New("demo: the clock moves on by 1 to 744 hours"))
		return
	}
	s.done(w, s.later(time.Duration(asked.Hours)*time.Hour))
}

// shake says after how many commands the next phone is pulled away.
func (s *counter) shake(w http.ResponseWriter, r *http.Request) {
	var asked struct{ Commands int }
	if err := read(w, r, &asked); err != nil || asked.Commands < 0 || asked.Commands > 100 {
		fail(w, http.StatusBadRequest, errors.New("demo: a phone is pulled away after 1 to 100 commands, or held still, which is 0"))
		return
	}
	s.mu.Lock()
	s.shaky = asked.Commands
	s.mu.Unlock()
	s.done(w, nil)
}

// press presses the button inside a box, for the next tap.
func (s *counter) press(w http.ResponseWriter, r *http.Request) {
	if b, ok := s.boxOf(w, r); ok {
		b.Press()
		s.done(w, nil)
	}
}

// approach holds a phone to a box, and names the tap.
func (s *counter) approach(w http.ResponseWriter, r *http.Request) {
	b, ok := s.boxOf(w, r)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := b.Approach(s.shaky)
	if err != nil {
		fail(w, http.StatusInternalServerError, err)
		return
	}
	s.shaky = 0
	for name, other := range s.fields {
		if other.box == b { // it was powered by another phone until now
			delete(s.fields, name)
		}
	}
	name := rand.Text()
	s.fields[name] = f
	answer(w, map[string]string{"session": name})
}

// transceive carries one command to the box, and its response back; without content
// it says that the box is not in the field any more.
func (s *counter) transceive(w http.ResponseWriter, r *http.Request) {
	f, ok := s.fieldOf(w, r)
	if !ok {
		return
	}
	command, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCommand))
	if err != nil {
		fail(w, http.StatusRequestEntityTooLarge, errors.New("demo: no command is that long"))
		return
	}
	response, err := f.Transceive(r.Context(), command)
	switch {
	case errors.Is(err, errFieldLost):
		s.forget(r.PathValue("session"))
		w.WriteHeader(http.StatusNoContent) // what a phone sees: no response comes
		return
	case err != nil:
		fail(w, http.StatusInternalServerError, err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(response)
}

// leave takes the phone away from the box.
func (s *counter) leave(w http.ResponseWriter, r *http.Request) {
	if f, ok := s.fieldOf(w, r); ok {
		f.Leave()
		s.forget(r.PathValue("session"))
		s.done(w, nil)
	}
}

// walk sends for somebody, and tells how the walk went.
func (s *counter) walk(who func(context.Context) (Walk, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.walking.Lock()
		defer s.walking.Unlock()
		walk, err := who(r.Context())
		if err != nil {
			fail(w, http.StatusBadGateway, err)
			return
		}
		answer(w, walk)
	}
}

// boxOf returns the box that the path names.
func (s *counter) boxOf(w http.ResponseWriter, r *http.Request) (*Box, bool) {
	if id, err := credential.ParseLockID(r.PathValue("lock")); err == nil {
		if b, ok := s.Box(id); ok {
			return b, true
		}
	}
	fail(w, http.StatusNotFound, errors.New("demo: there is no such box in the street"))
	return nil, false
}

// fieldOf returns the field that the path names, which is at the box of the path.
func (s *counter) fieldOf(w http.ResponseWriter, r *http.Request) (*Field, bool) {
	b, ok := s.boxOf(w, r)
	if !ok {
		return nil, false
	}
	s.mu.Lock()
	f := s.fields[r.PathValue("session")]
	s.mu.Unlock()
	if f == nil || f.box != b {
		w.WriteHeader(http.StatusNoContent)
		return nil, false
	}
	return f, true
}

func (s *counter) forget(session string) {
	s.mu.Lock()
	delete(s.fields, session)
	s.mu.Unlock()
}

// done answers that it is done, or why not.
func (s *counter) done(w http.ResponseWriter, err error) {
	if err != nil {
		fail(w, http.StatusInternalServerError, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// read reads a small JSON object.
func read(w http.ResponseWriter, r *http.Request, into any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1024))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// answer writes an object as JSON.
func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// fail says why not.
func fail(w http.ResponseWriter, status int, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
}
