// Guests of a box: their names are in this browser alone.

import { h, field, select, form, action, qr } from "/ui.js";
import { words, say, time } from "/words.js";

let shown = null; // the pass that is shown

export function guestsTab(app, box) {
  const w = words.guests;
  return [
    shown?.lock === box.lock ? passCard(app, box) : null,
    h("section", { class: "card" },
      h("h2", null, w.title),
      box.guests.length === 0 ? h("p", { class: "faint" }, w.nobody) : h("ul", { class: "list" }, box.guests.map((g) => guest(app, box, g)))),
    h("section", { class: "card" },
      h("h2", null, w.invite),
      form(async (values) => show(app, box, await app.act("invite", { lock: box.lock, ...values, days: Number(values.days) })),
        h("div", { class: "pair" },
          field(w.name, h("input", { name: "name", required: true, maxlength: 60, autocomplete: "off" }), w.nameHint),
          field(w.days, select("days", Object.entries(w.options), "7"))),
        field(w.request, h("textarea", { name: "request", required: true, rows: 2, spellcheck: "false" }), w.requestHint),
        h("button", { class: "first", id: "invite" }, w.button))),
  ].filter(Boolean);
}

/** guest is one line of the list. */
function guest(app, box, g) {
  const w = words.guests;
  const tags = { good: ["good", w.good], new: ["warn", w.fresh], over: ["", w.over], withdrawn: ["bad", w.withdrawn] };
  const [kind, label] = tags[g.status];
  const current = g.status === "good" || g.status === "new";
  const of = (label) => ({ "aria-label": `${label}: ${g.name}` }); // for those who hear buttons alone
  return h("li", null,
    h("p", { class: "row spread" }, h("span", { class: "who" }, g.name), h("span", { class: `tag ${kind}` }, label)),
    h("p", { class: "faint" }, say(w.until, { time: time(g.until) })),
    h("p", { class: "row" },
      current ? action(w.pass, async () => show(app, box, await app.act("pass", { lock: box.lock, guest: g.id })), of(w.pass)) : null,
      action(w.renew, async () => show(app, box, await app.act("renew", { lock: box.lock, guest: g.id })), of(w.renew)),
      current ? action(w.withdraw, () => { shown = null; return app.act("withdraw", { lock: box.lock, guest: g.id }, words.visitors.signed); }, { class: "grave", ...of(w.withdraw) }) : null));
}

/** show shows the pass that came of an action. */
function show(app, box, told) {
  if (!told?.pass) return;
  shown = { lock: box.lock, ...told.pass, link: `${location.origin}/${told.pass.link}` };
  app.go(`#/box/${box.lock}/guests`);
  document.getElementById("pass")?.scrollIntoView({ block: "nearest" });
}

function passCard(app, box) {
  const w = words.guests;
  return h("section", { class: "card", id: "pass" },
    h("h2", null, say(w.passTitle, { name: shown.name })), h("p", { class: "faint" }, w.passText),
    h("p", null, h("code", { id: "link" }, shown.link)),
    h("p", { class: "row" },
      action(w.copy, async () => { await navigator.clipboard.writeText(shown.link); app.tell(w.copied); }),
      action(words.close, () => { shown = null; app.go(`#/box/${box.lock}/guests`); })),
    qr(shown.code, w.passCode));
}
