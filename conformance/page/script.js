"use strict";
(() => {
  const form = document.getElementById("filter"), list = document.getElementById("list"), shown = document.getElementById("shown");
  const rows = [...list.children].filter((e) => e.classList.contains("case"));
  const words = rows.map((row) => [row.id, ...[...row.querySelectorAll(".what, .message, dd")].map((e) => e.textContent)].join(" ").toLowerCase());
  const one = ["a", "p", "r", "q"];

  // The filter as the hash of the address has it: v=FAIL,WARN&a=LOCK-APDU.
  const read = () => {
    const f = new Map();
    const v = [...form.querySelectorAll("[name=v]:checked")].map((e) => e.value);
    if (v.length > 0) f.set("v", v.join(","));
    for (const name of one) if (form.elements[name].value.trim() !== "") f.set(name, form.elements[name].value.trim());
    return f;
  };
  const write = (f) => {
    const v = (f.get("v") || "").split(",");
    for (const e of form.querySelectorAll("[name=v]")) e.checked = v.includes(e.value);
    for (const name of one) form.elements[name].value = f.get(name) || "";
  };
  const hash = (f) => [...f].map(([name, value]) => name + "=" + encodeURIComponent(value).replaceAll("%2C", ",")).join("&");
  const parse = (text) => {
    const f = new Map();
    for (const pair of text.split("&")) {
      const at = pair.indexOf("=");
      if (at < 1 || !["v", ...one].includes(pair.slice(0, at))) continue;
      try { f.set(pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))); } catch { /* no filter */ }
    }
    return f;
  };
  const apply = () => {
    const f = read(), v = f.has("v") ? f.get("v").split(",") : null, q = (f.get("q") || "").toLowerCase().split(/\s+/).filter(Boolean);
    let n = 0;
    rows.forEach((row, i) => {
      const d = row.dataset;
      const ok = (!v || v.includes(d.v)) && (!f.has("a") || d.a === f.get("a")) && (!f.has("p") || d.p === f.get("p")) &&
        (!f.has("r") || d.r.split(" ").includes(f.get("r"))) && q.every((word) => words[i].includes(word));
      row.hidden = !ok;
      if (ok) n++;
    });
    shown.textContent = n + " of " + rows.length + " cases";
    return f;
  };
  const changed = () => { history.replaceState(null, "", "#" + (hash(apply()) || "cases")); };
  form.addEventListener("input", changed);
  form.addEventListener("submit", (e) => e.preventDefault());
  document.getElementById("all").addEventListener("click", () => { write(new Map()); changed(); });

  // What the address asks for: a filter, or a place, which a filter may hide.
  const go = () => {
    const text = location.hash.slice(1);
    if (text.includes("=")) {
      write(parse(text));
      apply();
      form.scrollIntoView();
      return;
    }
    let id = text;
    try { id = decodeURIComponent(text); } catch { /* as it stands */ }
    const place = id && document.getElementById(id);
    if (!place || !place.classList.contains("case")) return;
    if (place.hidden) { write(new Map()); apply(); }
    place.open = true;
    place.scrollIntoView();
  };
  addEventListener("hashchange", go);

  // The exchanges that are packed, unpacked when a case is opened.
  const chunks = new Map();
  const unpack = async (number) => {
    const text = document.getElementById("chunk-" + number).textContent;
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return JSON.parse(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text());
  };
  list.addEventListener("toggle", async (e) => {
    const row = e.target, later = row.open && row.classList.contains("case") && row.querySelector(".later");
    if (!later) return;
    const number = row.dataset.chunk;
    try {
      if (!chunks.has(number)) chunks.set(number, unpack(number));
      const all = await chunks.get(number);
      later.innerHTML = all[row.id]; // made and escaped with the page
      later.classList.remove("later");
    } catch (fault) {
      later.textContent = "This browser cannot unpack the exchanges (" + fault + "); report.json has them.";
    }
  }, true);

  // Copying: what the address or a command is.
  const copy = async (text, button) => {
    const before = button.textContent;
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const box = document.createElement("textarea");
      box.value = text;
      document.body.append(box);
      box.select();
      done = document.execCommand("copy");
      box.remove();
    }
    button.textContent = done ? "Copied" : "Not copied";
    setTimeout(() => { button.textContent = before; }, 1500);
  };
  document.getElementById("link").addEventListener("click", (e) => copy(location.href, e.currentTarget));
  list.addEventListener("click", (e) => {
    const button = e.target.closest("button.copy");
    if (button) copy(button.parentElement.querySelector("code").textContent, button);
  });

  // Keys: / to the text, arrows from case to case.
  addEventListener("keydown", (e) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (e.key === "/" && !typing) {
      e.preventDefault();
      form.elements.q.focus();
    } else if ((e.key === "ArrowDown" || e.key === "ArrowUp") && document.activeElement.matches(".case > summary")) {
      const visible = rows.filter((row) => !row.hidden), at = visible.indexOf(document.activeElement.parentElement) + (e.key === "ArrowDown" ? 1 : -1);
      if (visible[at]) {
        e.preventDefault();
        visible[at].querySelector("summary").focus();
      }
    }
  });
  apply();
  go();
})();
