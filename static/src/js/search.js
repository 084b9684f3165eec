// The search field of the top bar: a combobox (ARIA APG) over the offers that htmx swaps in.

import { announce, text } from "./page.js";

const input = document.getElementById("search");
const list = document.getElementById("search-results");
let current = null;

const options = () => [...list.querySelectorAll("a[role=option]")];

function choose(option) {
  current?.setAttribute("aria-selected", "false");
  current = option;
  if (!option) return input.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", option.id);
}

function show(open) {
  list.hidden = !open;
  input.setAttribute("aria-expanded", String(open));
  if (!open) choose(null);
}

function move(step) {
  const stops = [null, ...options()];
  choose(stops[(stops.indexOf(current) + step + stops.length) % stops.length]);
}

const keys = {
  ArrowDown: () => (list.hidden ? show(list.childElementCount > 0) : move(1)),
  ArrowUp: () => (list.hidden ? show(list.childElementCount > 0) : move(-1)),
  Escape: () => {
    if (!list.hidden) return show(false);
    input.value = "";
    list.replaceChildren();
    return undefined;
  },
};

function onKey(event) {
  if (event.isComposing) return;
  if (event.key === "Enter" && current) {
    event.preventDefault();
    current.click();
  } else if (event.key === "Tab") {
    show(false);
  } else if (keys[event.key]) {
    event.preventDefault();
    keys[event.key]();
  }
}

function onSwap() {
  current = null;
  const found = options().length;
  show(list.childElementCount > 0 && document.activeElement === input);
  if (found) announce(text("found", found - 1));
  else if (list.childElementCount) announce(list.textContent.trim());
}

if (input && list) {
  input.addEventListener("keydown", onKey);
  input.addEventListener("focus", () => show(list.childElementCount > 0));
  input.addEventListener("input", () => {
    if (input.value.trim()) return;
    list.replaceChildren();
    show(false);
  });
  list.addEventListener("htmx:afterSwap", onSwap);
  // The answer to a text that was emptied meanwhile comes too late.
  list.addEventListener("htmx:beforeSwap", (event) => {
    if (!input.value.trim()) event.detail.shouldSwap = false;
  });
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest(".search-box")) show(false);
  });
}
