"use strict";
(() => {
  const root = document.documentElement, query = document.getElementById("query"), menu = document.getElementById("menu");
  const results = document.getElementById("results"), found = document.getElementById("found"), hits = document.getElementById("hits");
  const nav = document.getElementById("contents"), most = 60;

  // The drawer of narrow screens.
  const drawer = (open) => {
    root.classList.toggle("drawer", open);
    menu.setAttribute("aria-expanded", String(open));
  };
  menu.addEventListener("click", () => drawer(!root.classList.contains("drawer")));
  nav.addEventListener("click", (e) => { if (e.target.closest("a")) drawer(false); });
  document.querySelector("main").addEventListener("click", () => { drawer(false); show(false); });

  // The entry of the contents where the reader is.
  const entries = new Map();
  for (const a of nav.querySelectorAll("a")) entries.set(a.getAttribute("href").slice(1), a);
  const heads = [...document.querySelectorAll("main h1, main h2")].filter((h) => entries.has(h.id));
  let here = null, due = false;
  const follow = () => {
    due = false;
    let low = 0, high = heads.length; // the last heading above the upper edge
    while (low < high) {
      const middle = (low + high) >> 1;
      if (heads[middle].getBoundingClientRect().top < 90) low = middle + 1; else high = middle;
    }
    const entry = low > 0 ? entries.get(heads[low - 1].id) : null;
    if (entry === here) return;
    if (here) here.classList.remove("here");
    const before = here && here.closest("details"), now = entry && entry.closest("details");
    if (before && before !== now) before.open = false;
    if (now) now.open = true;
    here = entry;
    if (!entry) return;
    entry.classList.add("here");
    const r = entry.getBoundingClientRect(), box = nav.getBoundingClientRect();
    if (r.top < box.top + 60 || r.bottom > box.bottom - 20) nav.scrollTop += r.top - box.top - box.height / 3;
  };
  const soon = () => { if (!due) { due = true; requestAnimationFrame(follow); } };
  addEventListener("scroll", soon, { passive: true });
  addEventListener("resize", soon);
  follow();

  // What can be found: a heading, a requirement or another block, each with the
  // heading above it.  A block that holds others is left to these.
  let all = null;
  const blocks = "h1, h2, h3, h4, p, li, tr, pre, figcaption";
  const read = () => {
    let title = "", id = "top";
    all = [];
    for (const block of document.querySelectorAll("main :is(" + blocks + ")")) {
      const head = /^H[1-4]$/.test(block.tagName);
      if (!head && block.tagName !== "TR" && block.querySelector(blocks)) continue;
      const words = block.cells ? [...block.cells].map((cell) => cell.textContent).join(" · ") : block.textContent;
      const text = words.replace(/\s+/g, " ").trim();
      const mark = block.querySelector(".id");
      if (head) { title = text.replace(/ #$/, ""); id = block.id; }
      all.push({ block, title, href: "#" + (mark ? mark.id : block.id || id), text: head ? title : text, small: text.toLowerCase(), id: mark ? mark.id.toLowerCase() : "", head });
    }
  };
  const rank = (entry, terms) => {
    if (entry.id && terms.some((t) => t.startsWith("pst-") && entry.id.startsWith(t))) return 0;
    return entry.head ? 1 : entry.id ? 2 : 3;
  };
  // excerpt is what stands around the first term, with all terms marked.
  const excerpt = (text, terms) => {
    const span = document.createElement("span"), small = text.toLowerCase();
    const first = Math.min(...terms.map((t) => small.indexOf(t)).filter((n) => n >= 0));
    const begin = first > 70 ? text.indexOf(" ", first - 60) + 1 : 0, end = Math.min(text.length, begin + 180);
    let at = begin;
    if (begin > 0) span.append("… ");
    while (at < end) {
      let next = end, length = 0;
      for (const t of terms) {
        const n = small.indexOf(t, at);
        if (n >= 0 && n < next) { next = n; length = t.length; }
      }
      span.append(text.slice(at, next));
      if (length === 0) break;
      const mark = document.createElement("mark");
      mark.textContent = text.slice(next, next + length);
      span.append(mark);
      at = next + length;
    }
    if (end < text.length) span.append(" …");
    return span;
  };
  const show = (open) => { results.hidden = !open; };
  const search = () => {
    const terms = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    hits.replaceChildren();
    if (terms.length === 0 || terms.join("").length < 2) return show(false);
    if (!all) read();
    const matching = all.filter((e) => terms.every((t) => e.small.includes(t)));
    matching.sort((a, b) => rank(a, terms) - rank(b, terms)); // stable: else the order of the text
    for (const entry of matching.slice(0, most)) {
      const item = document.createElement("li"), a = document.createElement("a"), where = document.createElement("span");
      a.href = entry.href;
      where.className = "where";
      where.textContent = entry.title;
      a.append(where);
      if (!entry.head) a.append(excerpt(entry.text, terms));
      a.addEventListener("click", () => {
        show(false);
        setTimeout(() => { // after the browser has gone to the target
          entry.block.scrollIntoView({ block: "center" });
          entry.block.classList.add("flash");
          setTimeout(() => entry.block.classList.remove("flash"), 2500);
        });
      });
      item.append(a);
      hits.append(item);
    }
    found.textContent = matching.length === 0 ? "Nothing found." : matching.length > most ? "The first " + most + " of " + matching.length + " places" : matching.length + (matching.length === 1 ? " place" : " places");
    show(true);
  };
  query.addEventListener("input", search);
  query.addEventListener("focus", search);
  addEventListener("keydown", (e) => {
    const links = [...hits.querySelectorAll("a")], at = links.indexOf(document.activeElement);
    if (e.key === "Escape") {
      show(false);
      drawer(false);
    } else if (e.key === "/" && document.activeElement !== query) {
      e.preventDefault();
      query.focus();
    } else if (results.hidden) {
      return;
    } else if (e.key === "Enter" && document.activeElement === query && links.length > 0) {
      links[0].click();
    } else if (e.key === "ArrowDown" && (at >= 0 || document.activeElement === query) && links.length > 0) {
      e.preventDefault();
      links[Math.min(at + 1, links.length - 1)].focus();
    } else if (e.key === "ArrowUp" && at >= 0) {
      e.preventDefault();
      (at === 0 ? query : links[at - 1]).focus();
    }
  });
})();
