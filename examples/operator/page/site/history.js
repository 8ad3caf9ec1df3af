// What the box did, as far as this phone has read it.

import { h, action } from "/ui.js";
import { words, say, time } from "/words.js";

/** sentence says what one entry tells: who did what. */
export function sentence(e) {
  const w = words.history;
  const who = e.who === "staff" ? words.services[e.service] ?? e.service : e.name || w.people[e.who];
  return `${who} ${say(w.outcomes[e.outcome] ?? e.outcome, { operation: w.operations[e.operation] ?? e.operation })}`;
}

export function historyTab(app, box) {
  const w = words.history;
  const lines = box.history.toReversed().flatMap((e) => [
    h("li", { class: "line" }, h("time", { datetime: new Date(e.time * 1000).toISOString() }, e.floor ? say(w.before, { time: time(e.time) }) : time(e.time)), h("span", null, sentence(e))),
    e.lost > 0 ? h("li", { class: "gap" }, say(w.gap, { n: e.lost })) : null,
  ]).filter(Boolean);
  return [h("section", { class: "card" },
    h("h2", null, w.title), h("p", { class: "faint" }, w.text),
    h("div", { class: "row" },
      action(w.fetch, async () => {
        const told = await app.act("fetch", { lock: box.lock });
        if (told) app.tell(told.read > 0 ? say(w.got, { n: told.read }) : w.nothing);
      }, { class: "first", id: "fetch" }),
      action(w.tap, () => app.act("tap", { lock: box.lock }))),
    lines.length === 0 ? h("p", { class: "faint" }, w.none) : h("ul", { class: "list", id: "history" }, lines))];
}
