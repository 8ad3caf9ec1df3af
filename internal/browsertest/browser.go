// Package browsertest drives a headless Chromium, for tests that look at a page as
// people do.
package browsertest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Browser is a headless Chromium that a test drives over two pipes, by the
// DevTools protocol: JSON objects with a zero byte behind each.
type Browser struct {
	T *testing.T // the test that looks at the moment
	// Origin is that of the page under test, such as http://127.0.0.1:8080, where it is
	// not a file.
	Origin string
	// Complaints are what the page wrote to the console, its errors, and whatever it
	// asked for but files, its own origin and what it brings itself as data.
	Complaints []string

	in      *os.File
	pipe    *os.File      // what it answers
	out     *bufio.Reader // on that
	last    int
	session string
	loaded  bool
}

// message is an answer or an event of the protocol.
type message struct {
	ID     int
	Method string
	Params json.RawMessage
	Result json.RawMessage
	Error  json.RawMessage
}

// Start starts a browser; it skips the test where there is none.
func Start(t *testing.T) *Browser {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("no pipes to a browser on Windows: the page is not looked at")
	}
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		t.Skip("no chromium: the page is not looked at in a browser (apt-get install chromium)")
	}
	fromTest, in, err := os.Pipe()
	require.NoError(t, err)
	out, toTest, err := os.Pipe()
	require.NoError(t, err)
	c := exec.Command(program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
		"--remote-debugging-pipe", "--user-data-dir="+t.TempDir(), "about:blank")
	c.ExtraFiles = []*os.File{fromTest, toTest} // descriptors 3 and 4
	require.NoError(t, c.Start())
	require.NoError(t, fromTest.Close())
	require.NoError(t, toTest.Close())
	b := &Browser{T: t, in: in, pipe: out, out: bufio.NewReader(out)}
	t.Cleanup(func() {
		b.session = ""
		b.Call("Browser.close", nil, nil)
		_ = c.Wait()
		in.Close()
		out.Close()
	})
	var made struct{ TargetID, SessionID string }
	b.Call("Target.createTarget", map[string]any{"url": "about:blank"}, &made)
	b.Call("Target.attachToTarget", map[string]any{"targetId": made.TargetID, "flatten": true}, &made)
	b.session = made.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.Call(domain+".enable", nil, nil)
	}
	return b
}

// Call calls a method and decodes its result.
func (b *Browser) Call(method string, params, result any) {
	b.T.Helper()
	b.last++
	command := map[string]any{"id": b.last, "method": method}
	if params != nil {
		command["params"] = params
	}
	if b.session != "" {
		command["sessionId"] = b.session
	}
	line, err := json.Marshal(command)
	require.NoError(b.T, err)
	_, err = b.in.Write(append(line, 0))
	require.NoError(b.T, err)
	for {
		m := b.read()
		if m.ID != b.last {
			continue
		}
		require.Empty(b.T, string(m.Error), method)
		if result != nil {
			require.NoError(b.T, json.Unmarshal(m.Result, result))
		}
		return
	}
}

// read reads one message, and notes what the page complains about and loads.
func (b *Browser) read() message {
	b.T.Helper()
	require.NoError(b.T, b.pipe.SetReadDeadline(time.Now().Add(2*time.Minute)))
	line, err := b.out.ReadBytes(0)
	require.NoError(b.T, err, "the browser does not answer")
	var m message
	require.NoError(b.T, json.Unmarshal(bytes.TrimSuffix(line, []byte{0}), &m))
	switch m.Method {
	case "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded":
		b.Complaints = append(b.Complaints, string(m.Params))
	case "Network.requestWillBeSent":
		var p struct{ Request struct{ URL string } }
		require.NoError(b.T, json.Unmarshal(m.Params, &p))
		own := b.Origin != "" && strings.HasPrefix(p.Request.URL, b.Origin+"/")
		if !own && !strings.HasPrefix(p.Request.URL, "file:") && !strings.HasPrefix(p.Request.URL, "data:") {
			b.Complaints = append(b.Complaints, "asks for "+p.Request.URL)
		}
	case "Page.loadEventFired":
		b.loaded = true
	}
	return m
}

// Open shows the page of a file in a window of that width, light or dark.
func (b *Browser) Open(file string, width int, scheme string) {
	b.T.Helper()
	b.Look(width, scheme)
	b.Visit("file://" + filepath.ToSlash(file))
}

// Look makes the window as wide as that, and light or dark.
func (b *Browser) Look(width int, scheme string) {
	b.T.Helper()
	b.Call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}, nil)
	b.Call("Emulation.setEmulatedMedia", map[string]any{"features": []any{map[string]string{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// Visit goes to the page at the address, and waits until it has loaded.
func (b *Browser) Visit(address string) {
	b.T.Helper()
	b.loaded = false
	b.Call("Page.navigate", map[string]any{"url": address}, nil)
	for !b.loaded {
		b.read()
	}
}

// Eval evaluates an expression of JavaScript, or waits for the promise that it is.
func (b *Browser) Eval(expression string, value any) {
	b.T.Helper()
	var r struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	b.Call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &r)
	require.Empty(b.T, string(r.ExceptionDetails), expression)
	if value != nil {
		require.NoError(b.T, json.Unmarshal(r.Result.Value, value), expression)
	}
}

// Shot writes a picture of what the window shows.
func (b *Browser) Shot(name string) {
	b.T.Helper()
	var r struct{ Data []byte }
	b.Call("Page.captureScreenshot", map[string]any{"format": "png"}, &r)
	require.NoError(b.T, os.WriteFile(name, r.Data, 0o644))
}

// Until waits until the expression is true, which a loaded machine may take its
// time for.
func (b *Browser) Until(expression string) {
	b.T.Helper()
	var held bool
	b.Eval(fmt.Sprintf(`new Promise((done) => {
		const end = performance.now() + 50000; // well before read gives up
		const look = () => (%s) ? done(true) : performance.now() > end ? done(false) : setTimeout(look, 20);
		look();
	})`, expression), &held)
	require.True(b.T, held, expression)
}
