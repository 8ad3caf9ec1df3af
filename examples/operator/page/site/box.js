// A box of the owner's: one view for each tab.

import { h, field, check, select, form, action } from "/ui.js";
import { words, time, notice } from "/words.js";
import { guestsTab } from "/guests.js";
import { historyTab, sentence } from "/history.js";
import { moreTab } from "/more.js";

const views = { open: openTab, visitors: visitorsTab, guests: guestsTab, history: historyTab, more: moreTab };

/** tabs are the names of the views. */
export const tabs = Object.keys(views);

/** boxView returns the elements of one tab of a box. */
export function boxView(app, box, tab) {
  const link = (name) => h("a", { href: `#/box/${box.lock}/${name}`, id: `tab-${name}`, "aria-current": name === tab && "page" }, words.tabs[name]);
  return [
    h("div", { class: "head" }, h("h1", null, box.name)),
    h("nav", { class: "tabs", "aria-label": box.name }, tabs.map(link)),
    unproved(app, box), behind(app, box), outdone(app, box), given(app, box), under(app, box),
    ...views[tab](app, box),
  ].filter(Boolean);
}

/** under says what the lock does not know yet; where it knows newer settings, nothing of this is of use to it. */
function under(app, box) {
  if (box.underway.length === 0 || box.behind) return null;
  const w = words.under;
  return h("section", { class: box.shown ? "card under said-so" : "card under" },
    h("h2", null, underTitle(box)),
    h("ul", null, box.underway.map((what) => h("li", null, w[what]))),
    h("p", { class: "faint" }, !box.posted ? w.off : box.shown ? w.shown : box.said ? w.said : w.text),
    h("div", { class: "row" },
      action(w.button, () => app.act("tap", { lock: box.lock })),
      box.posted ? null : action(w.retry, () => app.act("post", { lock: box.lock }))));
}

/** underTitle says how far it has come: nobody says so, somebody says so, the box has signed it. */
function underTitle(box) {
  const w = words.under;
  return box.shown ? w.shownTitle : box.said ? w.saidTitle : w.title;
}

/** unproved says that the box has not said yet whose it is. */
function unproved(app, box) {
  const w = words.unproved;
  return !box.proved && h("section", { class: "card under" }, h("h2", null, w.title), h("p", null, w.text),
    action(w.button, () => app.act("tap", { lock: box.lock })));
}

/** behind says that the box knows what this phone does not. */
function behind(app, box) {
  const w = words.behind;
  return box.behind && h("section", { class: "card under" }, h("h2", null, w.title), h("p", null, w.text), anew(app, box, w.button));
}

/** outdone says that the operator keeps what has a higher number than this phone's. */
function outdone(app, box) {
  const w = words.outdone;
  return box.outdone && !box.behind && h("section", { class: "card under" }, h("h2", null, w.title), h("p", null, w.text), anew(app, box, w.button));
}

/** anew signs the settings anew, for those guests who are still to come: this phone may have forgotten whom it withdrew. */
function anew(app, box, button) {
  const guests = box.guests.filter((g) => g.status === "good" || g.status === "new");
  return form((kept) => app.act("heal", { lock: box.lock, withdrawn: guests.map((g) => g.id).filter((id) => !(id in kept)) }),
    guests.length > 0 && h("fieldset", null, h("legend", null, words.behind.guests), guests.map((g) => check(g.name, { name: g.id, checked: true }))),
    h("button", { id: "heal" }, button));
}

/** given says that the box was given away. */
function given(app, box) {
  const w = words.given;
  return box.given && h("section", { class: "card under" }, h("h2", null, w.title),
    box.arrived ? h("p", null, w.arrived) : [h("p", null, w.text), h("p", null, h("code", { id: "transfer" }, box.transfer))]);
}

/** whoOpens says in words who may open now. */
function whoOpens({ block }) {
  if (block.services && block.guests) return words.open.you;
  if (block.services) return words.open.guests;
  return block.guests ? words.open.services : words.open.everyone;
}

/** known says in words whether the box knows the settings of this phone. */
function known(box) {
  if (box.behind) return words.open.newer;
  return box.underway.length === 0 ? words.open.current : underTitle(box);
}

function openTab(app, box) {
  const w = words.open, last = box.history.at(-1);
  return [
    h("section", { class: "card" },
      action(w.button, () => app.act("open", { lock: box.lock }), { class: "first open", id: "open" }),
      h("p", { class: "row spread" }, h("span", { class: "faint" }, w.tapHint), action(w.tap, () => app.act("tap", { lock: box.lock })))),
    h("section", { class: "card" },
      h("h2", null, w.title),
      h("dl", { class: "facts" },
        h("dt", null, w.who), h("dd", null, whoOpens(box)),
        h("dt", null, w.notice), h("dd", null, notice(box.notice)),
        h("dt", null, w.known), h("dd", null, known(box)),
        last ? [h("dt", null, w.last), h("dd", null, `${time(last.time)}: ${sentence(last)}`)] : null)),
  ];
}

function visitorsTab(app, box) {
  const w = words.visitors, { block } = box;
  const chosen = block.services && block.guests ? "all" : block.services ? "services" : block.guests ? "guests" : "none";
  return [
    h("section", { class: "card" },
      form(({ who }) => app.act("block", { lock: box.lock, services: who === "services" || who === "all", guests: who === "guests" || who === "all" }, w.signed),
        h("fieldset", null, h("legend", null, h("h2", null, w.title)), h("p", { class: "faint" }, w.hint),
          ["none", "services", "guests", "all"].map((who) => check(w[who], { type: "radio", name: "who", value: who, checked: who === chosen, id: `who-${who}` }))),
        h("button", { class: "first", id: "block" }, w.save))),
    noticeCard(app, box),
    h("section", { class: "card" },
      form((values) => app.act("admit", { lock: box.lock, services: ["post", "parcel", "press"].filter((s) => values[s]) }, w.signed),
        h("fieldset", null, h("legend", null, h("h2", null, w.admitted)),
          ["post", "parcel", "press"].map((s) => check(w[s], { name: s, checked: box.services.includes(s) }))),
        h("button", null, w.save))),
  ];
}

/** local writes a time as a control of the kind datetime-local has it, and back. */
const local = (seconds) => {
  if (!seconds) return "";
  const d = new Date(seconds * 1000);
  return new Date(d - d.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
};
const seconds = (value) => value ? Math.floor(new Date(value) / 1000) : 0;

function noticeCard(app, box) {
  const w = words.visitors, n = box.notice ?? { kind: "", from: 0, until: 0, instruction: "none" };
  const when = (name, value) => h("input", { type: "datetime-local", name, value: local(value) });
  return h("section", { class: "card" },
    h("h2", null, w.noticeTitle), h("p", { class: "faint" }, w.shown),
    form((v) => app.act("notice", { lock: box.lock, kind: v.kind, from: seconds(v.from), until: seconds(v.until), instruction: v.instruction }, w.signed),
      h("div", { class: "pair" },
        field(w.kind, select("kind", [["", w.noNotice], ["away", w.away], ["back", w.back]], n.kind)),
        field(w.instruction, select("instruction", Object.entries(words.instructions), n.instruction)),
        field(w.from, when("from", n.from)),
        field(w.until, when("until", n.until))),
      h("button", { class: "first", id: "notice" }, w.save)));
}
