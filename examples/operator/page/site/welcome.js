// What somebody sees who has no box yet, or comes as a guest.

import { h, field, form, action, qr } from "/ui.js";
import { words, say, time } from "/words.js";
import { restoreForm } from "/more.js";

/** welcomeView tells a newcomer what this is. */
export function welcomeView(app) {
  const w = words.welcome;
  return [
    h("h1", null, w.title), h("p", null, w.text), h("p", null, w.phone),
    ...takeOver(app),
    h("p", null, w.guest, " ", h("a", { href: "#/passes" }, words.passes.title)),
  ];
}

/** takeOverView is for whoever stands before an open box, with its label, or is given one. */
export function takeOverView(app, lock, secret) {
  return [h("h1", null, words.takeOver.title), ...takeOver(app, lock, secret), accept(app), restored(app)];
}

/** accept takes a box over from its former owner. */
function accept(app) {
  const w = words.accept;
  return h("section", { class: "card" }, h("h2", null, w.title), h("p", { class: "faint" }, w.text),
    form(async (values) => {
      const told = await app.act("accept", values);
      if (told) app.go(`#/box/${told.lock}`);
    },
    field(w.link, h("input", { name: "link", required: true, autocomplete: "off", spellcheck: "false" })),
    field(words.takeOver.name, h("input", { name: "name", value: words.takeOver.standard, required: true, maxlength: 60, autocomplete: "off" })),
    h("button", null, w.button)));
}

/** restored brings back what another phone, or this one, knew. */
function restored(app) {
  return h("section", { class: "card" }, h("h2", null, words.more.backupTitle), h("p", { class: "faint" }, words.takeOver.backup), restoreForm(app));
}

function takeOver(app, lock = "", secret = "") {
  const w = words.takeOver;
  const hex = (name, length, value) => h("input", { name, value, required: true, minlength: length, autocomplete: "off", autocapitalize: "off", spellcheck: "false", inputmode: "text" });
  return [h("section", { class: "card" },
    h("h2", null, w.label), h("p", { class: "faint" }, w.text),
    form(async (values) => {
      const told = await app.act("takeOver", values);
      if (!told) return;
      app.tell(w.done);
      app.go(`#/box/${told.lock}`);
    },
    field(w.lock, hex("lock", 16, lock), w.lockHint),
    field(w.secret, hex("secret", 32, secret), w.secretHint),
    field(w.name, h("input", { name: "name", value: w.standard, required: true, maxlength: 60, autocomplete: "off" }), w.nameHint),
    h("button", { class: "first" }, w.button)))];
}

/** passView is for a guest: the own code, and the passes that owners gave. */
export function passView(app, link) {
  const w = words.passes;
  const take = (pass) => app.act("takePass", { pass }).then((told) => { if (told) { app.tell(w.taken); app.go("#/passes"); } });
  return [
    h("h1", null, w.title),
    h("section", { class: "card" },
      h("h2", null, w.mine),
      app.state.passes.length === 0 ? h("p", { class: "faint" }, w.none) : h("ul", { class: "list" }, app.state.passes.map((p) => h("li", null,
        h("p", { class: "row spread" }, h("span", { class: "who" }, say(w.box, { lock: p.lock })), h("span", { class: "tag" }, say(w.until, { time: time(p.until) }))),
        h("p", { class: "row" },
          action(w.open, () => app.act("openPass", { id: p.id }), { class: "first" }),
          action(w.forget, () => app.act("forgetPass", { id: p.id })))))),
      form(({ pass }) => take(pass),
        field(w.paste, h("input", { name: "pass", value: link ? location.href : "", required: true, autocomplete: "off", spellcheck: "false" })),
        h("button", { class: link ? "first" : null }, w.take))),
    h("section", { class: "card" },
      h("h2", null, w.request), h("p", { class: "faint" }, w.requestText),
      h("p", null, h("code", { id: "request" }, app.state.request)),
      action(w.copy, async () => { await navigator.clipboard.writeText(app.state.request); app.tell(w.copied); }),
      qr(app.state.requestCode, w.codeOf)),
  ];
}
