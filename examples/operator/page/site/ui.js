// What the views are built of.

/**
 * h makes an element.  Children are elements and texts; a text is never read as
 * HTML.  An attribute that begins with "on" is a listener; true sets an empty
 * attribute, and false, null or undefined none.
 */
export function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

let ids = 0;

/** field is a labelled control, with a hint below it. */
export function field(label, control, hint) {
  control.id ||= `f${++ids}`;
  const note = hint && h("p", { class: "faint", id: `${control.id}-hint` }, hint);
  if (note) control.setAttribute("aria-describedby", note.id);
  return h("div", { class: "field" }, h("label", { for: control.id }, label), control, note);
}

/** check is a checkbox or a radio button with its label. */
export function check(label, attributes) {
  return h("label", { class: "check" }, h("input", { type: "checkbox", ...attributes }), h("span", null, label));
}

/** select is a choice of [value, label]. */
export function select(name, options, value) {
  return h("select", { name }, options.map(([v, label]) => h("option", { value: v, selected: v === value }, label)));
}

/** form calls done with the values of its controls when it is sent, once at a time. */
export function form(done, ...children) {
  const element = h("form", { novalidate: true }, ...children);
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    const wrong = element.querySelector(":invalid:not(fieldset)");
    if (wrong) { wrong.reportValidity(); wrong.focus(); return; }
    const values = Object.fromEntries(new FormData(element));
    const button = event.submitter ?? element.querySelector("button");
    busy(button, () => done(values));
  });
  return element;
}

/** action is a button that does something that takes its time. */
export function action(label, done, attributes) {
  const button = h("button", { type: "button", ...attributes }, label);
  button.addEventListener("click", () => busy(button, done));
  return button;
}

/** busy keeps a button from being pressed again until what it does is done; it stays where the keyboard is. */
async function busy(button, done) {
  if (button.ariaDisabled === "true") return;
  button.ariaDisabled = "true";
  try { await done(); } finally { button.ariaDisabled = null; }
}

/** keepFocus draws something anew, and puts the keyboard back on what it was on, or on the content where that is gone. */
export function keepFocus(draw) {
  const all = () => [...document.querySelectorAll("a, button, input, select, textarea")];
  const before = document.activeElement, place = all().indexOf(before);
  draw();
  if (place < 0 || before.isConnected) return;
  const now = all(), far = (e) => Math.abs(now.indexOf(e) - place);
  const same = now.filter((e) => e.tagName === before.tagName && e.textContent === before.textContent && e.name === before.name);
  (same.sort((a, b) => far(a) - far(b))[0] ?? document.getElementById("main")).focus({ preventScroll: true });
}

/** qr draws a code from its rows of 0 and 1, as one path. */
export function qr(rows, label) {
  const quiet = 4, size = rows.length + 2 * quiet, svg = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(svg, "svg"), path = document.createElementNS(svg, "path");
  drawing.setAttribute("viewBox", `0 0 ${size} ${size}`);
  drawing.setAttribute("role", "img");
  drawing.setAttribute("aria-label", label);
  path.setAttribute("d", rows.flatMap((row, y) => [...row].map((dot, x) => dot === "1" ? `M${x + quiet} ${y + quiet}h1v1h-1z` : "")).join(""));
  path.setAttribute("fill", "#000");
  drawing.append(path);
  return h("div", { class: "code" }, drawing);
}
