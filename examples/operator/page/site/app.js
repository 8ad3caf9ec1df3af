// The page: it starts the phone, shows one view at a time, and says what came of
// what was done.

import { h, keepFocus } from "/ui.js";
import { words, say, explain } from "/words.js";
import { startPhone, Fault } from "/phone.js";
import { Street } from "/street.js";
import { boxView, tabs } from "/box.js";
import { welcomeView, takeOverView, passView } from "/welcome.js";

const main = document.getElementById("main"), said = document.getElementById("said"), nav = document.getElementById("boxes");

/** app is what the views are given. */
const app = {
  state: null, street: null, config: null,
  now: () => Math.floor(Date.now() / 1000),

  /** tell says something, and to those who cannot see too. */
  tell(text, kind = "good") {
    const close = h("button", { type: "button", "aria-label": words.close, onclick: () => said.replaceChildren() }, "×");
    said.replaceChildren(h("p", { class: kind }, h("span", null, text), close));
  },

  /** act has the phone do something, and shows what is different then; it returns what came of it. */
  async act(name, values, done) {
    const before = JSON.stringify(app.state);
    let told = null;
    try {
      told = await app.call(name, values);
      app.state = told.state;
      if (told.result) app.tell(...explain.result(told.result));
      else if (done) app.tell(done);
    } catch (fault) {
      if (fault.state) app.state = fault.state;
      app.tell(fault instanceof Fault ? explain.fault(fault) : say(words.faults.page, { detail: String(fault) }), "bad");
    }
    await app.street?.refresh();
    // What somebody has begun to fill in stays where nothing else is different.
    if (JSON.stringify(app.state) !== before || told?.pass) show();
    return told;
  },

  /** go goes to another view, where what was said last still holds. */
  go(hash) {
    if (location.hash === hash) { show(); return; }
    sent = true;
    location.hash = hash;
  },
};

let sent = false; // the page itself goes to another view

/** plain takes out of a part of the address what others wrote into it; what is no text is no place. */
function plain(part) {
  try { return decodeURIComponent(part); } catch { return ""; }
}

/** show draws the view that the address names. */
function show() {
  const [place, ...rest] = location.hash.replace(/^#\/?/, "").split("/").map(plain);
  keepFocus(() => {
    nav.replaceChildren(...links(place, rest));
    main.replaceChildren(...view(place, rest));
  });
}

/** links are those of the header. */
function links(place, rest) {
  const link = (hash, label, current) => h("a", { href: hash, "aria-current": current && "page" }, label);
  return [
    ...app.state.boxes.map((b) => link(`#/box/${b.lock}`, b.name, place === "box" && rest[0] === b.lock)),
    ...(app.state.passes.length > 0 || place === "passes" ? [link("#/passes", words.passes.title, place === "passes")] : []),
    link("#/new", words.takeOver.link, place === "new"),
  ];
}

/** view returns the elements of a view. */
function view(place, rest) {
  const box = app.state.boxes.find((b) => b.lock === rest[0]);
  if (place === "box" && box) return boxView(app, box, tabs.includes(rest[1]) ? rest[1] : tabs[0]);
  if (place === "new") return takeOverView(app, ...rest);
  if (place === "passes") return passView(app, rest[0]);
  if (place === "" && app.state.boxes.length > 0) return boxView(app, app.state.boxes[0], tabs[0]);
  return welcomeView(app);
}

/** skip goes to the content, past the links before it: the address names a view and stays as it is. */
function skip(event) {
  event.preventDefault();
  main.focus();
}

/** moved is called when the person goes to another view. */
function moved() {
  if (!sent) said.replaceChildren();
  sent = false;
  show();
  main.focus({ preventScroll: true });
  scrollTo(0, 0);
}

/** alone waits until no other tab of the page runs the phone: two would sign two policies of one version. */
function alone(start) {
  return navigator.locks.request("postern-phone", { ifAvailable: true }, (lock) => {
    if (!lock) {
      main.replaceChildren(h("p", { class: "wait" }, words.otherTab));
      return navigator.locks.request("postern-phone", () => start());
    }
    return start();
  });
}

/** start starts the phone, and keeps the lock for as long as the page is open. */
async function start() {
  try {
    app.config = await (await fetch("/config.json")).json();
    if (app.config.demo) {
      app.street = new Street(app, document.getElementById("street"));
      await app.street.refresh();
      app.now = () => app.street.now();
    }
    app.call = await startPhone(app.config, () => app.now());
    app.state = (await app.call("state")).state;
    await app.street?.refresh(); // which knows now whose the boxes are
    addEventListener("hashchange", moved);
    document.querySelector(".skip").addEventListener("click", skip);
    show();
    document.documentElement.dataset.ready = "yes";
  } catch (fault) {
    main.replaceChildren(h("p", { class: "wait" }, say(words.faults.start, { detail: String(fault) })));
    console.error(fault);
  }
  return new Promise(() => {});
}

alone(start);
