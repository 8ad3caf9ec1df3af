// What is seldom done: transfer, backup, names.

import { h, field, form, action, check } from "/ui.js";
import { words } from "/words.js";

/** download gives the person a file. */
function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  h("a", { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}

export function moreTab(app, box) {
  const w = words.more;
  return [backupCard(app), h("section", { class: "card" },
    h("h2", null, w.transferTitle), h("p", { class: "faint" }, w.transferText),
    form(async ({ to }) => { if (await app.act("transfer", { lock: box.lock, to })) app.tell(w.transferred); },
      field(w.to, h("textarea", { name: "to", required: true, rows: 2, spellcheck: "false" })),
      check(w.transferSure, { name: "sure", required: true }),
      h("button", { class: "grave" }, w.transfer))),
  h("section", { class: "card" },
    h("h2", null, w.rename),
    form(({ name }) => app.act("rename", { lock: box.lock, name }),
      field(w.name, h("input", { name: "name", value: box.name, required: true, maxlength: 60, autocomplete: "off" })),
      h("button", null, w.rename))),
  h("section", { class: "card" },
    h("h2", null, w.keyTitle),
    h("dl", { class: "facts" }, h("dt", null, w.key), h("dd", null, h("code", null, app.state.key)), h("dt", null, w.lock), h("dd", null, h("code", null, box.lock)))),
  h("section", { class: "card" },
    h("h2", null, w.forgetTitle), h("p", { class: "faint" }, w.forgetText),
    form(() => app.act("forget", { lock: box.lock }), check(w.forgetSure, { name: "sure", required: true }), h("button", { class: "grave", id: "forget" }, w.forget)))];
}

function backupCard(app) {
  const w = words.more;
  return h("section", { class: "card" },
    h("h2", null, w.backupTitle), h("p", { class: "faint" }, w.backupText),
    action(w.backup, async () => {
      const told = await app.act("backup");
      if (told) download("postern-backup.json", told.backup);
    }, { id: "backup" }),
    restoreForm(app));
}

/** restoreForm reads a backup: of this phone's, or of another one's. */
export function restoreForm(app) {
  const w = words.more;
  const file = h("input", { type: "file", name: "file", accept: "application/json", required: true });
  return form(async () => {
    if (await app.act("restore", { backup: await file.files[0].text() })) app.tell(w.restored);
  }, field(w.restore, file), h("button", { id: "restore" }, w.restore));
}
