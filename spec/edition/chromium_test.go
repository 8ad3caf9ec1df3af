package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A browser is a headless Chromium that a test drives over two pipes, by the
// DevTools protocol: JSON objects with a zero byte behind each.
type browser struct {
	t       *testing.T
	in      *os.File
	pipe    *os.File      // what it answers
	out     *bufio.Reader // on that
	last    int
	session string
	// complaints are what the page wrote to the console, and its errors.
	complaints []string
	loaded     bool
}

// message is an answer or an event of the protocol.
type message struct {
	ID     int
	Method string
	Params json.RawMessage
	Result json.RawMessage
	Error  json.RawMessage
}

// startBrowser starts a browser; it skips the test where there is none.
func startBrowser(t *testing.T) *browser {
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
	b := &browser{t: t, in: in, pipe: out, out: bufio.NewReader(out)}
	t.Cleanup(func() {
		b.session = ""
		b.call("Browser.close", nil, nil)
		_ = c.Wait()
		in.Close()
		out.Close()
	})
	var made struct{ TargetID, SessionID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &made)
	b.call("Target.attachToTarget", map[string]any{"targetId": made.TargetID, "flatten": true}, &made)
	b.session = made.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.call(domain+".enable", nil, nil)
	}
	return b
}

// call calls a method and decodes its result.
func (b *browser) call(method string, params, result any) {
	b.t.Helper()
	b.last++
	command := map[string]any{"id": b.last, "method": method}
	if params != nil {
		command["params"] = params
	}
	if b.session != "" {
		command["sessionId"] = b.session
	}
	line, err := json.Marshal(command)
	require.NoError(b.t, err)
	_, err = b.in.Write(append(line, 0))
	require.NoError(b.t, err)
	for {
		m := b.read()
		if m.ID != b.last {
			continue
		}
		require.Empty(b.t, string(m.Error), method)
		if result != nil {
			require.NoError(b.t, json.Unmarshal(m.Result, result))
		}
		return
	}
}

// read reads one message, and notes what the page complains about and loads.
func (b *browser) read() message {
	b.t.Helper()
	require.NoError(b.t, b.pipe.SetReadDeadline(time.Now().Add(time.Minute)))
	line, err := b.out.ReadBytes(0)
	require.NoError(b.t, err, "the browser does not answer")
	var m message
	require.NoError(b.t, json.Unmarshal(bytes.TrimSuffix(line, []byte{0}), &m))
	switch m.Method {
	case "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded":
		b.complaints = append(b.complaints, string(m.Params))
	case "Network.requestWillBeSent":
		var p struct{ Request struct{ URL string } }
		require.NoError(b.t, json.Unmarshal(m.Params, &p))
		if scheme, _, _ := bytes.Cut([]byte(p.Request.URL), []byte(":")); string(scheme) != "file" {
			b.complaints = append(b.complaints, "asks for "+p.Request.URL)
		}
	case "Page.loadEventFired":
		b.loaded = true
	}
	return m
}

// open shows the page in a window of that width, light or dark.
func (b *browser) open(file string, width int, scheme string) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}, nil)
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []any{map[string]string{"name": "prefers-color-scheme", "value": scheme}}}, nil)
	b.loaded = false
	b.call("Page.navigate", map[string]any{"url": "file://" + filepath.ToSlash(file)}, nil)
	for !b.loaded {
		b.read()
	}
}

// eval evaluates an expression of JavaScript, or waits for the promise that it is.
func (b *browser) eval(expression string, value any) {
	b.t.Helper()
	var r struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &r)
	require.Empty(b.t, string(r.ExceptionDetails), expression)
	if value != nil {
		require.NoError(b.t, json.Unmarshal(r.Result.Value, value), expression)
	}
}

// shot writes a picture of what the window shows.
func (b *browser) shot(name string) {
	b.t.Helper()
	var r struct{ Data []byte }
	b.call("Page.captureScreenshot", map[string]any{"format": "png"}, &r)
	require.NoError(b.t, os.WriteFile(name, r.Data, 0o644))
}
