package shim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance/strict"
)

// toy is a device that remembers what it was asked.
type toy struct {
	hello Hello
	asked []Request
	do    func(context.Context, Request) (any, error)
}

func (d *toy) Hello() Hello { return d.hello }
func (d *toy) Close() error { return nil }
func (d *toy) Do(ctx context.Context, r Request) (any, error) {
	d.asked = append(d.asked, r)
	return d.do(ctx, r)
}

func hello(r Role) Hello {
	return Hello{Protocol: Protocol, Role: r, Product: "toy", Version: "1", Verbs: Verbs(r)}
}

// joined returns a client with the device at the other end of the lines, and
// what went over them.
func joined(t *testing.T, d Device) (*Client, *bytes.Buffer) {
	t.Helper()
	toShim, fromSuite := io.Pipe()
	toSuite, fromShim := io.Pipe()
	record := new(bytes.Buffer)
	served := make(chan error, 1)
	go func() {
		err := Serve(t.Context(), toShim, io.MultiWriter(record, fromShim), d)
		_ = fromShim.Close()
		served <- err
	}()
	c, err := NewClient(t.Context(), toSuite, io.MultiWriter(record, fromSuite), Options{})
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, c.Close())
		require.NoError(t, fromSuite.Close())
		require.NoError(t, <-served)
	})
	return c, record
}

func number[N any](n N) *N { return &n }

// samples is a request of every kind with what a device returns.
var samples = map[Role][]struct {
	ask    Request
	answer any
}{
	RoleLock: {
		{Power{true}, &Nothing{}},
		{Deselect{}, &Nothing{}},
		{Transceive{Hex{0, 0xA4}}, &Answer{APDU: Hex{0x90, 0}, Microseconds: number(int64(3))}},
		{Transceive{Hex{0}}, &Answer{Silent: true}},
		{Provision{
			Lock: make(Hex, 8), Identities: []Identity{{0, make(Hex, 32), Hex{1}}, {2, make(Hex, 32), Hex{2}}}, Roots: []Hex{{1}}, Setup: make(Hex, 16),
			Area: Hex("FR"), Authorities: []Hex{{1}, {2}}, Compartments: 3,
		}, &Nothing{}},
		{Provision{Lock: make(Hex, 8), Identities: []Identity{{0, make(Hex, 32), Hex{1}}}, Roots: []Hex{{1}}, Setup: make(Hex, 16)}, &Nothing{}},
		{Bolt{}, &Driven{[]Move{{0, 2}, {7, 1}}}},
		{Bolt{}, &Driven{[]Move{}}},
		{Drive{Sticks, 40, 500}, &Nothing{}},
		{Button{true}, &Nothing{}},
		{Tamper{}, &Nothing{}},
		{Clock{number(uint64(5)), number(-60)}, &Nothing{}},
		{Clock{}, &Nothing{}},
		{Advance{61000}, &Nothing{}},
		{Random{Equal}, &Nothing{}},
		{Operations{}, &Counted{3, true}},
		{Cut{number(0), TornHalf}, &Nothing{}},
		{Cut{}, &Nothing{}},
		{State{}, &Kept{true, 1, 2, 3}},
		{Refusal{}, &Refused{31}},
	},
	RoleApp: {
		{Install{Key: Private{2, make(Hex, 32)}, Roots: []Hex{{1}}, Makers: []Hex{{1}}}, &Nothing{}},
		{Install{
			Key: Private{0, make(Hex, 32)}, Grant: Hex{1}, Parents: []Hex{{1}}, Authorities: []Hex{{1}}, Documents: []Hex{{1}}, Roots: []Hex{{1}}, Makers: []Hex{{1}},
		}, &Nothing{}},
		{Tap{Operation: 0}, &Told{Outcome: 4, Reason: 31, Believed: true}},
		{Tap{Operation: 0}, &Told{Outcome: 4, Reason: 4294967295, Believed: true, Documents: []int{65536}}},
		{Tap{
			Operation: 1, Lock: make(Hex, 8), Resource: 1, Reference: make(Hex, 8), Receipt: true, Pages: 4, Setup: make(Hex, 16),
		}, &Told{Outcome: 1, Receipt: Hex{1}, Pages: []Hex{{1, 2}}, Documents: []int{0, 31}, LogKey: make(Hex, 32)}},
		{Present{Operation: 1}, &Nothing{}},
		{Present{Operation: 1, Lock: make(Hex, 8), Resource: 1, Reference: make(Hex, 8), Receipt: true, Pages: 4}, &Nothing{}},
		{Command{Hex{0, 0xA4}}, &Answer{APDU: Hex{0x90, 0}}},
		{Leave{}, &Told{Outcome: 4, Reason: 31}},
		{AskRight{}, &Asked{Hex{0xA1}, "postern:request/oQ"}},
		{TakePass{Bytes: Hex{0xA1}}, &Taken{Taken: true}},
		{TakePass{Link: "postern:pass/oQ=\n<é>"}, &Taken{Reason: 1}},
		{TakePass{Link: "?"}, &Taken{}},
	},
	RoleIssuer: {
		{Appoint{Key: Private{0, make(Hex, 32)}}, &Nothing{}},
		{Appoint{Private{0, make(Hex, 32)}, Hex{1}, Hex{1}, []Hex{{1}}}, &Nothing{}},
		{Issue{"grant", json.RawMessage(`{"a":1}`)}, &Issued{Object: Hex{1}}},
		{Issue{"grant", json.RawMessage(`{}`)}, &Issued{Refused: "too long"}},
	},
}

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("postern:///shim", v))
	s, err := c.Compile("postern:///shim")
	require.NoError(t, err)
	return s
}

// TestEveryMessageCrosses sends a sample of everything over the lines, and holds
// every line to the schema.
func TestEveryMessageCrosses(t *testing.T) {
	s := schema(t)
	for role, all := range samples {
		d := &toy{hello: hello(role)}
		c, record := joined(t, d)
		require.Equal(t, d.hello, c.Hello())
		seen := map[Verb]bool{}
		for _, m := range all {
			d.do = func(context.Context, Request) (any, error) { return m.answer, nil }
			answer, err := c.Do(t.Context(), m.ask)
			require.NoError(t, err)
			require.Equal(t, m.answer, answer)
			got := d.asked[len(d.asked)-1]
			if tap, ok := got.(Tap); ok {
				tap.Ask, tap.Live = nil, nil
				got = tap
			}
			require.Equal(t, m.ask, got)
			seen[m.ask.Verb()] = true
		}
		for _, v := range Verbs(role) {
			require.True(t, seen[v] || v == VerbMeet, "no sample of %s", v)
		}
		for l := range bytes.Lines(record.Bytes()) {
			v, err := jsonschema.UnmarshalJSON(bytes.NewReader(l))
			require.NoError(t, err)
			require.NoError(t, s.Validate(v), "%s", l)
		}
	}
}

func TestQuestions(t *testing.T) {
	s := schema(t)
	gone := errors.New("gone")
	d := &toy{hello: hello(RoleLock)}
	c, record := joined(t, d)
	d.do = func(ctx context.Context, r Request) (any, error) {
		ask := r.(Meet).Ask
		got, err := ask(ctx, []byte{1})
		require.NoError(t, err)
		require.Equal(t, []byte{0x90, 1}, got)
		_, err = ask(ctx, []byte{2})
		require.ErrorIs(t, err, ErrLost)
		return &Nothing{}, nil
	}
	_, err := c.Do(t.Context(), Meet{Ask: func(_ context.Context, command []byte) ([]byte, error) {
		if command[0] == 2 {
			return nil, gone
		}
		return []byte{0x90, command[0]}, nil
	}})
	require.NoError(t, err)

	a := &toy{hello: hello(RoleApp)}
	c, more := joined(t, a)
	a.do = func(ctx context.Context, r Request) (any, error) {
		tap := r.(Tap)
		got, err := tap.Ask(ctx, []byte{1})
		require.NoError(t, err)
		require.Equal(t, []byte{0x90, 0}, got)
		got, err = tap.Live(ctx, make([]byte, 16))
		require.NoError(t, err)
		require.Equal(t, []byte("token"), got)
		return &Told{}, nil
	}
	answering := func(b []byte) Ask { return func(context.Context, []byte) ([]byte, error) { return b, nil } }
	_, err = c.Do(t.Context(), Tap{Ask: answering([]byte{0x90, 0}), Live: answering([]byte("token"))})
	require.NoError(t, err)
	a.do = func(ctx context.Context, r Request) (any, error) {
		_, err := r.(Tap).Live(ctx, make([]byte, 16))
		require.ErrorIs(t, err, ErrLost)
		return &Told{}, nil
	}
	_, err = c.Do(t.Context(), Tap{Ask: answering([]byte{0x90, 0})})
	require.NoError(t, err)
	for l := range bytes.Lines(slices.Concat(record.Bytes(), more.Bytes())) {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(l))
		require.NoError(t, err)
		require.NoError(t, s.Validate(v), "%s", l)
	}
}

// rig plays a shim by hand: it answers each line by the next of the answers.
func rig(t *testing.T, o Options, answers ...string) (*Client, error) {
	t.Helper()
	toShim, fromSuite := io.Pipe()
	toSuite, fromShim := io.Pipe()
	go func() {
		b := make([]byte, MaxLine)
		for _, a := range answers {
			if _, err := toShim.Read(b); err != nil {
				return
			}
			if _, err := io.WriteString(fromShim, a); err != nil {
				return
			}
		}
		if o.Patience == 0 {
			_ = fromShim.Close() // it dies where nothing else is tried
		}
		_, _ = toShim.Read(b)
	}()
	t.Cleanup(func() { _, _ = toShim.Close(), fromShim.Close() })
	return NewClient(t.Context(), toSuite, fromSuite, o)
}

const good = `{"id":1,"ok":{"protocol":1,"role":"lock","product":"p","version":"1","verbs":["power","transceive","state"]}}` + "\n"

func TestFaultsOfAHello(t *testing.T) {
	with := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	for _, c := range []struct {
		name, answer string
		kind         Kind
		says         string
	}{
		{"not JSON", "Welcome to the simulator\n", Nonsense, "not JSON"},
		{"not an answer", "[1]\n", Nonsense, "cannot unmarshal array"},
		{"two values", strings.TrimSpace(good) + " {}\n", Nonsense, "behind the JSON value"},
		{"not UTF-8", with("p\"", "\xff\""), Nonsense, "UTF-8"},
		{"null", with(`"p"`, "null"), Nonsense, "null"},
		{"a member twice", with(`"role"`, `"role":"lock","role"`), Nonsense, `member "role" twice`},
		{"a member missing", with(`"version":"1",`, ""), Nonsense, `member "version" is missing`},
		{"a member unknown", with(`"role"`, `"colour":1,"role"`), Nonsense, "colour"},
		{"a member in other letters", with(`"role"`, `"Role"`), Nonsense, `unknown member "Role"`},
		{"deep", with(`"p"`, strings.Repeat("[", 20)+strings.Repeat("]", 20)), Nonsense, "nested deeper"},
		{"two answers in one", with(`"ok"`, `"error":"x","ok"`), Nonsense, "one of ok"},
		{"no answer in it", "{\"id\":1}\n", Nonsense, "one of ok"},
		{"no id", with(`"id":1,`, ""), Nonsense, `member "id" is missing`},
		{"another id", with(`"id":1`, `"id":2`), WrongID, "id 2, where 1 was asked"},
		{"an old id", with(`"id":1`, `"id":0`), Unasked, "id 0 was answered before"},
		{"another protocol", with(`"protocol":1`, `"protocol":2`), BadHello, "protocol 2"},
		{"another role", with(`"lock"`, `"app"`), BadHello, `no verb "power"`},
		{"an unknown role", with(`"lock"`, `"door"`), BadHello, `role "door"`},
		{"an unknown verb", with(`"state"`, `"explode"`), BadHello, `no verb "explode"`},
		{"a verb twice", with(`"state"`, `"power"`), BadHello, `verb "power" twice`},
		{"without a mandatory verb", with(`"transceive",`, ""), BadHello, `needs the verb "transceive"`},
		{"a name that moves the cursor", with(`"p"`, `"\u001b[2J"`), BadHello, "does not print"},
		{"a name of two lines", with(`"p"`, `"p\nconforms"`), BadHello, "does not print"},
		{"a name without letters", with(`"p"`, `""`), BadHello, "length of product"},
		{"a question", "{\"id\":1,\"transceive\":\"00\"}\n", Nonsense, "hello has none"},
		{"an error", "{\"id\":1,\"error\":\"no board\"}\n", Failed, "no board"},
		{"unsupported", "{\"id\":1,\"unsupported\":\"hello\"}\n", BrokenPromise, "hello"},
		{"a line without an end", strings.Repeat("a", MaxLine+1), Long, "16384 bytes"},
		{"half a line", "{\"id\":", Died, "half a line"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := rig(t, Options{}, c.answer)
			var f *Fault
			require.ErrorAs(t, err, &f)
			require.Equal(t, c.kind, f.Kind, "%v", f)
			require.Contains(t, f.Detail, c.says)
			require.Equal(t, 1, f.Number)
			require.NotEmpty(t, f.Line)
		})
	}
}

func TestFaultsOfAnAnswer(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		ask          Request
		kind         Kind
		says         string
		line         int
	}{
		{"nothing said", "", Power{true}, Silent, "no answer within", 0},
		{"a promise broken", `{"id":2,"unsupported":"state"}`, State{}, BrokenPromise, "promised the verb state", 2},
		{"its own error", `{"id":2,"error":"port gone"}`, State{}, Failed, "port gone", 2},
		{"silent and not", `{"id":2,"ok":{"silent":true,"apdu":"9000"}}`, Transceive{}, Nonsense, "one of apdu and silent", 2},
		{"neither", `{"id":2,"ok":{}}`, Transceive{}, Nonsense, "one of apdu and silent", 2},
		{"half a status word", `{"id":2,"ok":{"apdu":"90"}}`, Transceive{}, Nonsense, "length of apdu is 1", 2},
		{"half a byte", `{"id":2,"ok":{"apdu":"900"}}`, Transceive{}, Nonsense, "byte string", 2},
		{"capital digits", `{"id":2,"ok":{"apdu":"90AA"}}`, Transceive{}, Nonsense, "lower case", 2},
		{"a negative number", `{"id":2,"ok":{"vacant":true,"floor":-1,"policy":0,"sequence":0}}`, State{}, Nonsense, "cannot unmarshal", 2},
		{"more than asked for", `{"id":2,"ok":{"apdu":"9000"}}`, Power{true}, Nonsense, "unknown member", 2},
		{"a question", `{"id":2,"transceive":"00"}`, Power{true}, Nonsense, "power has none", 2},
		{"the answer before", `{"id":1,"ok":{}}`, Power{true}, Unasked, "answered before", 2},
		{"the answer to come", `{"id":3,"ok":{}}`, Power{true}, WrongID, "id 3", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, err := rig(t, Options{Patience: 300 * time.Millisecond}, good, c.answer+strings.Repeat("\n", min(1, len(c.answer))))
			require.NoError(t, err)
			_, err = client.Do(t.Context(), c.ask)
			var f *Fault
			require.ErrorAs(t, err, &f)
			require.Equal(t, c.kind, f.Kind, "%v", f)
			require.Contains(t, f.Detail, c.says)
			require.Equal(t, c.line, f.Number)
			require.NotEmpty(t, f.Line)
			_, again := client.Do(t.Context(), c.ask)
			require.Equal(t, err, again, "everything has ended")
			require.Equal(t, err, client.Close())
		})
	}
}

// TestFaultsOfAnswersAboutPasses holds what an app says of requests and passes to
// the page.
func TestFaultsOfAnswersAboutPasses(t *testing.T) {
	greeting := strings.NewReplacer(`"lock"`, `"app"`, `"power","transceive","state"`, `"provision","tap","ask","take"`).Replace(good)
	for _, c := range []struct {
		name, ok string
		ask      Request
		says     string
	}{
		{"no link", `{"bytes":"a1"}`, AskRight{}, `member "link" is missing`},
		{"no bytes", `{"link":"postern:request/oQ"}`, AskRight{}, `member "bytes" is missing`},
		{"empty bytes", `{"bytes":"","link":"x"}`, AskRight{}, "length of bytes is 0"},
		{"an empty link", `{"bytes":"a1","link":""}`, AskRight{}, "length of link is 0"},
		{"a request that does not end", `{"bytes":"` + strings.Repeat("a1", 769) + `","link":"x"}`, AskRight{}, "length of bytes is 769"},
		{"a link that does not end", `{"bytes":"a1","link":"` + strings.Repeat("A", 1101) + `"}`, AskRight{}, "length of link is 1101"},
		{"neither taken nor refused", `{}`, TakePass{Link: "x"}, `member "taken" is missing`},
		{"taken and refused", `{"taken":true,"reason":1}`, TakePass{Link: "x"}, "reason 1 for a pass that is taken"},
		{"a reason below 0", `{"taken":false,"reason":-1}`, TakePass{Link: "x"}, "reason -1"},
		{"a reason of more than 32 bits", `{"taken":false,"reason":4294967296}`, TakePass{Link: "x"}, "reason 4294967296"},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, err := rig(t, Options{}, greeting, `{"id":2,"ok":`+c.ok+"}\n")
			require.NoError(t, err)
			_, err = client.Do(t.Context(), c.ask)
			var f *Fault
			require.ErrorAs(t, err, &f)
			require.Equal(t, Nonsense, f.Kind, "%v", f)
			require.Contains(t, f.Detail, c.says)
		})
	}
}

func TestUnaskedLines(t *testing.T) {
	c, err := rig(t, Options{Patience: time.Minute}, good+"{\"id\":1,\"ok\":{}}\n")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return len(c.lines) > 0 }, time.Minute, time.Millisecond)
	_, err = c.Do(t.Context(), Power{})
	require.ErrorContains(t, err, "unasked")
	require.ErrorContains(t, err, "line 2 of the shim")
}

func TestUnknownVerbIsNotSent(t *testing.T) {
	c, err := rig(t, Options{}, good)
	require.NoError(t, err)
	_, err = c.Do(t.Context(), Bolt{})
	require.ErrorIs(t, err, ErrUnsupported)
	_, err = Call[Driven](t.Context(), c, Bolt{})
	require.ErrorIs(t, err, ErrUnsupported)
}

func TestEndedContext(t *testing.T) {
	c, err := rig(t, Options{Patience: time.Minute}, good)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.Do(ctx, Power{})
	require.ErrorContains(t, err, "context canceled")
}

func TestLevel(t *testing.T) {
	h := hello(RoleLock)
	require.Equal(t, L2, h.Level())
	h.Verbs = []Verb{VerbPower, VerbTransceive, VerbProvision, VerbBolt}
	require.Equal(t, L1, h.Level())
	h.Verbs = h.Verbs[:2]
	require.Equal(t, L0, h.Level())
}

// TestServeRefuses holds the child's side to the requests.
func TestServeRefuses(t *testing.T) {
	for _, c := range []struct{ request, answer string }{
		{`{"id":1,"verb":"fly"}`, `{"id":1,"unsupported":"fly"}`},
		{`{"id":1,"verb":"tap","operation":1}`, `{"id":1,"unsupported":"tap"}`},
		{`{"id":1,"verb":"power"}`, `{"id":1,"error":"request power: member \"on\" is missing"}`},
		{`{"id":1,"verb":"power","on":true,"x":1}`, `{"id":1,"error":"request power: unknown member \"x\""}`},
	} {
		var out bytes.Buffer
		require.NoError(t, Serve(t.Context(), strings.NewReader(c.request+"\n"), &out, &toy{hello: hello(RoleLock)}))
		require.Equal(t, c.answer+"\n", out.String())
	}
	for _, bad := range []string{"x\n", "{}", `{"id":-1,"verb":"power"}` + "\n"} {
		require.Error(t, Serve(t.Context(), strings.NewReader(bad), io.Discard, &toy{hello: hello(RoleLock)}), bad)
	}
}

// TestPageNamesEverything holds README.md to the verbs, the members and the
// faults.
func TestPageNamesEverything(t *testing.T) {
	page, err := os.ReadFile("README.md")
	require.NoError(t, err)
	for _, role := range []Role{RoleLock, RoleApp, RoleIssuer} {
		for _, v := range Verbs(role) {
			require.Contains(t, string(page), fmt.Sprintf("`%s`", v))
		}
	}
	for _, k := range []Kind{Silent, Died, Nonsense, Long, WrongID, Unasked, BadHello, BrokenPromise, Failed} {
		require.Contains(t, string(page), fmt.Sprintf("| `%s` |", k))
	}
	for _, m := range regexp.MustCompile(`"properties": \{|"([a-z]+)": \{`).FindAllStringSubmatch(string(Schema), -1) {
		if name := m[1]; name != "" && !slices.Contains([]string{"hex", "area", "object", "count", "role", "roots", "verb", "private", "request", "answer", "question", "reply", "identity", "move", "name", "response", "items", "properties", "not"}, name) {
			require.Regexp(t, "[`\"]"+name+"[`\"]", string(page), "member of the schema")
		}
	}
}

func FuzzClient(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte(`{"id":1,"ok":{"apdu":"9000"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var e envelope
		if strict.Unmarshal(data, &e) == nil {
			again, err := json.Marshal(e)
			require.NoError(t, err)
			require.NoError(t, strict.Unmarshal(again, new(envelope)))
		}
	})
}
