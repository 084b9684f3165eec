// The side panel: one record beside the list, which keeps its place. j/k or the arrows walk the rows.

import { isTyping, rowUrl, text } from "./page.js";

const host = document.getElementById("panel");
const body = document.getElementById("panel-body");
let opener = null;
let row = null;

const rows = () => [...document.querySelectorAll("#list [data-row]")];
const isOpen = () => host?.classList.contains("is-open");

function mark(next) {
  document.querySelector(".is-open[data-row]")?.classList.remove("is-open");
  row = next;
  row?.classList.add("is-open");
  const all = rows();
  const at = all.findIndex((one) => one === row);
  host.querySelector("[data-panel=previous]").disabled = at <= 0;
  host.querySelector("[data-panel=next]").disabled = at < 0 || at >= all.length - 1;
}

/** Show the record of a row in the panel. */
export function openPanel(element, { focus = true } = {}) {
  if (!host) return;
  if (!isOpen()) opener = document.activeElement;
  mark(element);
  host.querySelector("[data-panel=open]").href = rowUrl(element);
  host.classList.add("is-open");
  body.setAttribute("aria-busy", "true");
  window.htmx.ajax("GET", `${rowUrl(element)}?panel=1`, { target: body, swap: "innerHTML" }).finally(() => {
    body.removeAttribute("aria-busy");
    body.scrollTop = 0;
    const title = body.querySelector("h1, h2");
    if (title) host.setAttribute("aria-label", title.textContent.trim());
  });
  if (focus) body.focus({ preventScroll: true });
  element.scrollIntoView({ block: "nearest" });
}

export function closePanel() {
  if (!isOpen()) return;
  host.classList.remove("is-open");
  const back = row?.isConnected ? row : opener;
  mark(null);
  body.replaceChildren();
  back?.focus({ preventScroll: true });
}

function walk(step) {
  const all = rows();
  const next = all[all.findIndex((one) => one === row) + step];
  if (next) openPanel(next, { focus: false });
}

if (host) {
  host.setAttribute("data-loading", text("loading"));
  host.addEventListener("click", (event) => {
    const what = event.target.closest("[data-panel]")?.dataset.panel;
    if (what === "close") closePanel();
    else if (what === "next") walk(1);
    else if (what === "previous") walk(-1);
  });
  host.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) {
      event.preventDefault();
      closePanel();
    } else if (event.key === "Tab") {
      trap(event);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (!isOpen() || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && !event.defaultPrevented && !host.contains(event.target)) closePanel();
    if (isTyping(event)) return;
    if (event.key === "j") walk(1);
    if (event.key === "k") walk(-1);
  });
  // After a swap of the list the open row is another element with the same address.
  document.addEventListener("htmx:load", () => {
    if (isOpen() && row && !row.isConnected) {
      const again = rows().find((one) => one.dataset.row === row.dataset.row);
      if (again) mark(again);
    }
  });
}

/** Tab stays in the panel; Escape is the way out. */
function trap(event) {
  const stops = [...host.querySelectorAll("a[href], button, input, select, textarea, [tabindex='0']")]
    .filter((stop) => !stop.disabled && stop.offsetParent !== null);
  if (!stops.length) return;
  const first = stops[0];
  const last = stops.at(-1);
  if (event.shiftKey && (document.activeElement === first || document.activeElement === body)) {
    event.preventDefault();
    last.focus();
  } else if (!event.shiftKey && document.activeElement === last) {
    event.preventDefault();
    first.focus();
  }
}
