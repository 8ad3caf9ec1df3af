package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/examples/operator/page"
	"github.com/postern-lock/postern/internal/browsertest"
)

// shots is where the pictures go that people look at.
var shots = flag.String("shots", "", "write pictures of the page to this `folder`")

// guestName is what the owner calls a guest, which no server may learn.
const guestName = "the neighbour on the third floor"

// recorder keeps all that the page's server is sent.
type recorder struct {
	next http.Handler
	mu   sync.Mutex
	sent strings.Builder
}

// ServeHTTP notes a request, and has it served.
func (r *recorder) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	fmt.Fprintf(&r.sent, "%s %s\n%v\n%s\n", q.Method, q.URL, q.Header, body)
	r.mu.Unlock()
	q.Body = io.NopCloser(strings.NewReader(string(body)))
	r.next.ServeHTTP(w, q)
}

// all returns what was sent.
func (r *recorder) all() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sent.String()
}

// window is a browser that shows the owner's page.
type window struct {
	*browsertest.Browser
	page string
}

// show opens the page.
func (w *window) show(address string, width int, scheme string) {
	w.page, w.Origin = address, strings.TrimSuffix(address, "/")
	w.Look(width, scheme)
	w.open("")
}

// open goes to a place of the page, as if the page were opened anew.
func (w *window) open(hash string) {
	w.T.Helper()
	w.Visit("about:blank")
	w.Visit(w.page + hash)
	w.Until(`document.documentElement.dataset.ready === "yes"`)
}

// press presses what a selector finds.
func (w *window) press(selector string) {
	w.T.Helper()
	w.Until(fmt.Sprintf(`document.querySelector(%q) && document.querySelector(%q).ariaDisabled !== "true"`, selector, selector))
	w.Eval(fmt.Sprintf(`document.querySelector(%q).click()`, selector), nil)
}

// put fills a control in.
func (w *window) put(selector, value string) {
	w.T.Helper()
	w.Eval(fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.value = %q; e.dispatchEvent(new Event("input", { bubbles: true })); })()`, selector, value), nil)
}

// text returns what is written where a selector finds it.
func (w *window) text(selector string) (text string) {
	w.T.Helper()
	w.Eval(fmt.Sprintf(`document.querySelector(%q)?.innerText ?? ""`, selector), &text)
	return text
}

// value returns what stands in a control.
func (w *window) value(selector string) (value string) {
	w.T.Helper()
	w.Eval(fmt.Sprintf(`document.querySelector(%q).value`, selector), &value)
	return value
}

// key presses a key.
func (w *window) key(name string) {
	w.T.Helper()
	text := map[string]string{"Enter": "\r", "Space": " "}[name]
	for _, kind := range []string{"keyDown", "keyUp"} {
		w.Call("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": name, "code": name, "text": text, "windowsVirtualKeyCode": map[string]int{"Enter": 13, "Tab": 9}[name]}, nil)
	}
}

// reads waits until something is written somewhere.
func (w *window) reads(selector, text string) {
	w.T.Helper()
	var told string // where it is not written in 50 seconds: what the page says in its place
	w.Eval(fmt.Sprintf(`new Promise((done) => {
		const end = performance.now() + 50000, text = (where) => document.querySelector(where)?.innerText ?? "";
		const look = () => text(%q).includes(%q) ? done("") : performance.now() > end ? done(text("#said") + "\n" + text("main") + " ") : setTimeout(look, 20);
		look();
	})`, selector, text), &told)
	require.Empty(w.T, told, "%s does not say %q", selector, text)
}

// tab goes to a tab of the box.
func (w *window) tab(name string) {
	w.T.Helper()
	w.press("#tab-" + name)
	w.Until(fmt.Sprintf(`document.querySelector("#tab-%s[aria-current]")`, name))
}

// lock returns the number of the first box.
func (w *window) lock() (id string) {
	w.T.Helper()
	w.Eval(`document.querySelector("#boxes a").hash.split("/")[2]`, &id)
	return id
}

// clear closes what was said, so that the next that is said is new.
func (w *window) clear() { w.Eval(`document.querySelector("#said button")?.click()`, nil) }

// shot writes a picture, where they are wanted, of the whole page.
func (w *window) shot(name string) {
	w.T.Helper()
	if *shots == "" {
		return
	}
	var size struct{ Width, Height int }
	w.Eval(`({ Width: innerWidth, Height: Math.min(2600, Math.max(700, document.documentElement.scrollHeight)) })`, &size)
	w.Call("Emulation.setDeviceMetricsOverride", map[string]any{"width": size.Width, "height": size.Height, "deviceScaleFactor": 1, "mobile": size.Width < 600}, nil)
	w.Shot(filepath.Join(*shots, name+".png"))
}

// TestThePageInABrowser plays the story of the page, as people do.
func TestThePageInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a browser, and builds the phone")
	}
	owner := &window{Browser: browsertest.Start(t)} // it skips where there is no browser
	phone, err := page.Load(t.Context(), t.TempDir(), func(string) {})
	require.NoError(t, err)
	o := newTown(t, t.TempDir(), phone)
	owner.show(o.page, 1280, "light")

	moveIn(owner)
	opens(owner)
	visitors(owner)
	guest := &window{Browser: browsertest.Start(t)}
	guest.show(o.page, 390, "light")
	guests(owner, guest)
	notices(owner)
	reloads(owner)
	strangeLinks(owner)
	shapes(owner)
	keyboard(owner)
	staysIn(owner)
	restores(owner)
	nothingIsTold(owner, o.heard.all())
	require.Empty(t, owner.Complaints)
	require.Empty(t, guest.Complaints)
}

// moveIn takes the first box over with the secret inside.
func moveIn(w *window) {
	w.shot("welcome")
	w.press("#look-1")
	w.reads("h1", "Take over a box")
	secret := w.value("input[name=secret]")
	w.put("input[name=name]", "Blue door")
	w.put("input[name=secret]", strings.Repeat("0", 32))
	w.shot("takeover")
	w.press("main form button")
	w.reads("#said", "Read the secret again.")
	require.Equal(w.T, "Blue door", w.value("input[name=name]"), "what was filled in stays")
	w.put("input[name=secret]", secret)
	w.press("main form button")
	w.reads("h1", "Blue door")
	w.reads("#said", "The box is yours")
	require.Empty(w.T, w.text(".under"), "the box knows everything")
}

// opens opens the box, also with a hand that shakes.
func opens(w *window) {
	w.press("#open")
	w.reads("#said", "Open. The box saw its door move.")
	w.shot("opened")
	w.press("#shake")
	w.reads("#said", "cut")
	w.press("#open")
	w.reads("#said", "The bolt may have moved. Look")
	w.shot("cut")
	w.clear()
}

// visitors has the postman come by, blocks him, and reads about it.
func visitors(w *window) {
	w.press("#postman")
	w.reads("#said", "box 1: delivered")
	w.tab("history")
	w.press("#fetch")
	w.reads("#history", "The post delivered")
	w.reads("#history", "You became the owner")
	w.shot("history")
	w.tab("visitors")
	w.press("#who-services")
	w.shot("visitors")
	w.press("#block")
	w.reads(".under", "who may open now")
	w.shot("underway")
	w.clear()
	w.press("#postman")
	w.reads("#said", "box 1: its owner has blocked it, brought your settings")
	w.reads(".under", "A postman says that he brought it")
	w.shot("blocked")
	w.clear()
	w.press("#courier")
	w.reads("#said", "box 1: its owner has blocked it")
	w.tab("open")
	w.press("#open")
	w.reads("#said", "Open.")
	w.Until(`!document.querySelector(".under")`)
	w.tab("visitors")
	w.press("#who-none")
	w.press("#block")
	w.reads(".under", "who may open now")
	w.clear()
	w.press("#postman")
	w.reads("#said", "box 1: delivered, brought your settings")
}

// guests invites somebody in another browser, who opens, and is withdrawn.
func guests(w, guest *window) {
	guest.open("#/passes")
	guest.reads("#request", "postern:request/")
	w.tab("guests")
	w.put("input[name=name]", guestName)
	w.put("textarea[name=request]", guest.text("#request"))
	w.press("#invite")
	w.reads("#link", "#/passes/")
	w.shot("invited")
	w.tab("more")
	w.Eval(`URL.createObjectURL = (b) => { b.text().then((t) => sessionStorage.setItem("backup", t)); return "#"; }`, nil)
	w.press("#backup")
	w.Until(`sessionStorage.getItem("backup")`)
	w.tab("guests")
	link := w.text("#link")
	guest.open(strings.TrimPrefix(link, w.page))
	guest.shot("pass")
	guest.press("main form button")
	guest.reads("#said", "The pass is in your phone")
	guest.press("main .list button")
	guest.reads("#said", "Open.")
	guest.shot("guest")

	w.tab("open")
	w.press("main .row button")
	w.tab("history")
	w.reads("#history", guestName+" opened")
	w.tab("guests")
	w.press("main .list button.grave")
	w.reads(".under", "guests that are withdrawn")
	w.shot("withdrawn")
	w.clear()
	w.press("#postman")
	w.reads("#said", "brought your settings")
	guest.clear()
	guest.press("main .list button")
	guest.reads("#said", "the pass was withdrawn")
	guest.shot("refused")
}

// restores reads a backup of the time before the guest was withdrawn, into a phone
// that has no box any more.
func restores(w *window) {
	w.tab("more")
	w.Eval(`document.querySelector("#forget").form.sure.click()`, nil)
	w.press("#forget")
	w.reads("h1", "A letter box that opens by phone")
	w.Eval(`location.hash = "#/new"`, nil)
	w.reads("h1", "Take over a box")
	w.Eval(`(() => {
		const files = new DataTransfer();
		files.items.add(new File([sessionStorage.getItem("backup")], "backup.json"));
		document.querySelector("input[type=file]").files = files.files;
	})()`, nil)
	w.press("#restore")
	w.reads("#said", "The backup is read")
	w.Eval(`document.querySelector("nav a").click()`, nil)
	w.reads(".under", "newer settings than this phone")
	w.reads(".under fieldset", guestName)
	w.shot("restored")
	w.Eval(`document.querySelector(".under input[type=checkbox]").click()`, nil)
	w.press("#heal")
	w.Until(`!document.querySelector("#heal")`)
	w.tab("guests")
	w.reads("main .tag", "withdrawn")
	w.tab("open")
	w.press("#open")
	w.reads("#said", "Open.")
}

// notices tells the postman that the owner is away.
func notices(w *window) {
	w.tab("visitors")
	w.put("select[name=kind]", "away")
	w.put("select[name=instruction]", "hold-parcels")
	w.press("#notice")
	w.reads(".under", "the notice")
	w.clear()
	w.press("#postman")
	w.reads("#said", "reads “away, please keep parcels at the depot”")
	w.shot("notice")
}

// reloads opens the page anew, where everything is as it was.
func reloads(w *window) {
	w.open("")
	require.Contains(w.T, w.text("#street"), "yours", "whose the boxes of the street are")
	w.reads("main", "away, please keep parcels at the depot")
	w.tab("guests")
	w.reads("main", guestName)
	w.tab("history")
	w.reads("#history", guestName+" opened")
	w.tab("open")
	w.press("#open")
	w.reads("#said", "Open.")
}

// strangeLinks opens what somebody else may have written behind the address: the
// page starts, and nothing is done or run by it.
func strangeLinks(w *window) {
	for _, hash := range []string{
		"#/%E0%A4%A", "#/box/%", "#/box/__proto__/constructor", "#/new/%3Cimg%20src=x%20onerror=alert(1)%3E/%22%3E", "#/passes/%00",
	} {
		w.open(hash)
		w.Until(`document.querySelector("main h1") && !document.querySelector("main img")`)
	}
	w.Eval(`location.hash = "#/%E0%A4%A"`, nil)
	w.open("")
}

// shapes looks at every view on wide and on narrow screens, light and dark.
func shapes(w *window) {
	for _, width := range []int{1280, 360} {
		for _, scheme := range []string{"light", "dark"} {
			w.Look(width, scheme)
			for _, tab := range []string{"open", "visitors", "guests", "history", "more"} {
				w.tab(tab)
				var wide int
				w.Eval(`document.documentElement.scrollWidth`, &wide)
				require.Equal(w.T, width, wide, "%s at %d", tab, width)
				var nameless []string
				w.Eval(`[...document.querySelectorAll("button, a, input, select, textarea")].filter((e) => e.checkVisibility() && !(e.innerText?.trim() || e.labels?.length || e.ariaLabel)).map((e) => e.outerHTML)`, &nameless)
				require.Empty(w.T, nameless, "controls without a name")
				w.shot(fmt.Sprintf("%s-%d-%s", tab, width, scheme))
				w.Look(width, scheme)
			}
		}
	}
}

// keyboard opens the box without a mouse: the keyboard stays on the button.
func keyboard(w *window) {
	w.Look(1280, "light")
	w.tab("open")
	w.clear()
	w.open("#/box/" + w.lock() + "/more")
	w.key("Tab")
	w.Until(`document.activeElement.className === "skip"`)
	w.key("Enter")
	w.Until(`document.activeElement.id === "main"`)
	var hash string
	w.Eval(`location.hash`, &hash)
	require.Equal(w.T, "#/box/"+w.lock()+"/more", hash, "skipping to the content leaves no view")
	w.tab("open")
	w.Eval(`document.getElementById("tab-more").focus()`, nil)
	w.key("Tab")
	w.Until(`document.activeElement.id === "open"`)
	w.key("Enter")
	w.reads("#said", "Open.")
	w.Until(`document.activeElement.id === "open" && document.activeElement.ariaDisabled !== "true"`)
	var live string
	w.Eval(`document.getElementById("said").ariaLive`, &live)
	require.Equal(w.T, "polite", live)
}

// staysIn requires that no script can read the key, and that no other tab runs the
// phone.
func staysIn(w *window) {
	var said string
	w.Eval(`(async () => {
		const [{ name }] = await indexedDB.databases();
		const get = await new Promise((done) => { const open = indexedDB.open(name); open.onsuccess = () => done(open.result.transaction("phone").objectStore("phone").get("key")); });
		const { privateKey } = await new Promise((done) => { get.onsuccess = () => done(get.result); });
		return crypto.subtle.exportKey("pkcs8", privateKey).then(() => "exported", (fault) => fault.name);
	})()`, &said)
	require.Equal(w.T, "InvalidAccessError", said)
	var other bool
	w.Eval(`navigator.locks.request("postern-phone", { ifAvailable: true }, (lock) => lock !== null)`, &other)
	require.False(w.T, other)
}

// nothingIsTold searches what the server was sent for what it may not learn.
func nothingIsTold(w *window, sent string) {
	w.T.Helper()
	require.Contains(w.T, sent, "/policies", "the server was sent something")
	var memory string
	w.Eval(`new Promise((done, failed) => {
		indexedDB.databases().then(([{ name }]) => {
			const open = indexedDB.open(name);
			open.onsuccess = () => {
				const get = open.result.transaction("phone").objectStore("phone").get("memory");
				get.onsuccess = () => done(new TextDecoder().decode(get.result));
			};
		});
	})`, &memory)
	var kept struct {
		Boxes []struct{ Vault [][]byte }
	}
	require.NoError(w.T, json.Unmarshal([]byte(memory), &kept))
	require.Contains(w.T, memory, guestName, "the browser knows the name")
	secrets := [][]byte{[]byte(guestName), []byte("third floor"), []byte("Blue door")}
	for _, key := range kept.Boxes[0].Vault {
		require.Len(w.T, key, 32)
		secrets = append(secrets, key)
	}
	require.Greater(w.T, len(secrets), 3, "there is a log key")
	for _, secret := range secrets {
		for _, form := range forms(secret) {
			require.NotContains(w.T, sent, form)
		}
	}
}

// forms are the forms in which bytes can be hidden in what is sent.
func forms(b []byte) []string {
	return []string{
		string(b), hex.EncodeToString(b), strings.ToUpper(hex.EncodeToString(b)), url.QueryEscape(string(b)), url.PathEscape(string(b)),
		base64.RawStdEncoding.EncodeToString(b[:len(b)/3*3]), base64.RawURLEncoding.EncodeToString(b[:len(b)/3*3]),
	}
}
