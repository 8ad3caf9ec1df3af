// The street around the page: only a demonstration has it.

import { h, action, keepFocus } from "/ui.js";
import { words, say, time, notice } from "/words.js";

/** reasonIn returns why the street did not do it: its own words where it gave some. */
function reasonIn(text) {
  try { return JSON.parse(text).error ?? text; } catch { return text; }
}

export class Street {
  #app; #place; #seen = null; #ahead = 0; #told = [];

  constructor(app, place) {
    this.#app = app;
    this.#place = place;
    place.hidden = false;
  }

  /** now returns the time of the street, in seconds. */
  now() { return Math.floor(Date.now() / 1000) + this.#ahead; }

  /** refresh looks again, and draws what there is. */
  async refresh() {
    try {
      this.#seen = await this.#ask("GET", "street");
      this.#ahead = this.#seen.now - Math.floor(Date.now() / 1000);
      keepFocus(() => this.#draw());
    } catch (fault) {
      this.#app.tell(say(words.street.failed, { detail: fault.message }), "bad");
    }
  }

  async #ask(method, path, body) {
    const answer = await fetch(`/demo/${path}`, { method, body: body && JSON.stringify(body), headers: body ? { "Content-Type": "application/json" } : {}, cache: "no-store" });
    const text = await answer.text();
    if (!answer.ok) throw new Error(reasonIn(text));
    return text === "" ? null : JSON.parse(text);
  }

  /** do asks the street for something, and then everybody looks again. */
  async #do(path, body) {
    try {
      return await this.#ask("POST", path, body);
    } catch (fault) {
      this.#app.tell(say(words.street.failed, { detail: fault.message }), "bad");
    } finally {
      await this.#app.act("state");
    }
  }

  async #walk(path, who) {
    const walk = await this.#do(path);
    if (!walk) return;
    const visits = walk.visits.map((v) => say(words.street.visit, { n: v.number, what: this.#visit(v) }));
    this.#told.unshift(h("li", null, h("p", { class: "faint" }, `${time(walk.at)}, ${who}`), visits.map((v) => h("p", null, v))));
    this.#told.splice(4);
    this.#app.tell(say(words.street.walked, { who, visits: visits.join("; ") }));
    keepFocus(() => this.#draw());
  }

  /** visit says what came of a visit, as the visitor's phone shows it. */
  #visit(v) {
    const w = words.street, parts = [];
    if (v.reason === "owner-unknown" || v.reason === "not-admitted" && this.#seen.boxes.find((b) => b.lock === v.lock)?.vacant) parts.push(w.unowned);
    else parts.push(v.outcome === "opened" ? w.delivered : words.reasons[v.reason] ?? v.reason);
    if (v.notice) parts.push(say(w.notice, { notice: notice(v.notice) }));
    if (v.brought > 0) parts.push(w.brought);
    if (v.pages > 0) parts.push(w.carried);
    return parts.join(", ");
  }

  #draw() {
    const w = words.street, { boxes } = this.#seen;
    const mine = new Set(this.#app.state?.boxes.map((b) => b.lock));
    const move = (label, hours) => action(label, () => this.#do("clock", { hours }));
    const part = (title, ...children) => h("section", { class: "card" }, h("h3", null, title), ...children);
    const nobodys = boxes.every((b) => b.vacant); // then people find nothing to do
    const people = part(w.people,
      h("div", { class: "row" },
        action(w.postman, () => this.#walk("postman", w.postmanName), { class: nobodys ? "" : "first", id: "postman" }),
        action(w.courier, () => this.#walk("courier", w.courierName), { id: "courier" })),
      h("ul", { class: "list", id: "walks" }, this.#told));
    const houses = part(w.boxes, nobodys ? h("p", { class: "faint" }, w.begin) : null, h("ul", { class: "list" }, boxes.map((b) => this.#box(b, mine))));
    this.#place.replaceChildren(
      h("h2", null, w.title), h("p", { class: "faint" }, w.text),
      ...(nobodys ? [houses, people] : [people, houses]),
      part(say(w.clock, { time: time(this.#seen.now) }), h("div", { class: "row" }, move(w.hour, 1), move(w.day, 24))),
      part(w.hand, action(w.shake, async () => { await this.#do("hand", { commands: 2 }); this.#app.tell(w.shaken, "warn"); }, { id: "shake" })));
  }

  /** box draws a box of the street. */
  #box(b, mine) {
    const w = words.street;
    const press = async () => { await this.#do(`boxes/${b.lock}/button`); this.#app.tell(say(w.pressed, { n: b.number }), "warn"); };
    return h("li", null,
      h("p", { class: "row spread" }, h("span", { class: "who" }, say(w.box, { n: b.number })),
        h("span", { class: `tag ${mine.has(b.lock) ? "good" : ""}` }, b.vacant ? w.vacant : mine.has(b.lock) ? w.yours : w.taken)),
      h("p", null, h("a", { href: `#/new/${b.lock}/${b.secret}`, id: `look-${b.number}` }, b.vacant ? w.look : w.lookAgain)),
      b.vacant ? null : action(w.button, press, { class: "small" }));
  }
}
