// The selection: kept across pages of one list, ranges with shift, all matching by a token of the server.

import { announce, isTyping, text, whenever } from "./page.js";

const picked = new Map();
let everything = false;
let last = null;
let path = "";

const list = () => document.getElementById("list");
const boxes = () => [...document.querySelectorAll("#list .row-check input[name=ids]")];

function paint() {
  const bar = document.querySelector("[data-selection-bar]");
  if (!bar) return;
  const all = boxes();
  for (const box of all) {
    box.checked = everything || picked.has(box.value);
    box.closest("[data-row]").classList.toggle("is-selected", box.checked);
  }
  const here = all.filter((box) => box.checked).length;
  const head = document.querySelector("[data-select-page]");
  if (head) {
    head.checked = here > 0 && here === all.length;
    head.indeterminate = here > 0 && here < all.length;
  }
  const button = bar.querySelector("[data-select-all]");
  const sentence = everything ? text("selectedAll", button?.dataset.total ?? "") : text("selected", String(picked.size));
  bar.querySelector("[data-selection-count]").textContent = sentence;
  const show = everything || picked.size > 0;
  if (!bar.hidden !== show || show) announce(show ? sentence : "");
  bar.hidden = !show;
  if (button) button.hidden = everything || !button.dataset.token || here < all.length || !document.querySelector(".pager");
}

function clear() {
  picked.clear();
  everything = false;
  last = null;
  paint();
}

function set(box, on) {
  everything = false;
  if (on) picked.set(box.value, true);
  else picked.delete(box.value);
}

document.addEventListener("click", (event) => {
  const box = event.target.closest?.("#list .row-check input[name=ids]");
  if (box) {
    const all = boxes();
    // The browser has already turned the box when a click arrives.
    const on = box.checked;
    const [from, to] = [all.findIndex((one) => one.value === last), all.indexOf(box)];
    if (event.shiftKey && from >= 0) {
      for (const one of all.slice(Math.min(from, to), Math.max(from, to) + 1)) set(one, on);
    } else {
      set(box, on);
    }
    last = box.value;
    paint();
    return;
  }
  if (event.target.closest?.("[data-select-page]")) {
    const on = event.target.checked;
    for (const one of boxes()) set(one, on);
    paint();
  } else if (event.target.closest?.("[data-select-all]")) {
    everything = true;
    paint();
  } else if (event.target.closest?.("[data-select-none]")) {
    clear();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || isTyping(event)) return;
  if (document.querySelector("dialog[open], .panel-host.is-open, .dropdown-menu.show")) return;
  if (everything || picked.size) clear();
});

// What is picked on other pages travels in hidden fields made at the last moment.
whenever("form[data-bulk]", (form) => {
  form.addEventListener("submit", () => {
    for (const old of form.querySelectorAll("[data-made]")) old.remove();
    const add = (name, value) => {
      const input = Object.assign(document.createElement("input"), { type: "hidden", name, value });
      input.dataset.made = "";
      form.append(input);
    };
    if (everything) {
      for (const box of boxes()) box.checked = false;
      add("all", form.querySelector("[data-select-all]").dataset.token);
    } else {
      const here = new Set(boxes().map((box) => box.value));
      for (const id of picked.keys()) if (!here.has(id)) add("ids", id);
    }
  });
});

whenever("#list", (element) => {
  // Another list or another filter is another selection; pages and sorts of the same one keep it.
  const now = element.dataset.path + (element.dataset.conditions ?? "") + (document.getElementById("list-search")?.value ?? "");
  if (path && path !== now) {
    picked.clear();
    everything = false;
    last = null;
  }
  path = now;
  for (const box of boxes()) if (box.checked) picked.set(box.value, true);
  paint();
});

window.addEventListener("pageshow", () => {
  if (list()) paint();
});

// On the page of a bulk edit, typing a value ticks that it should change.
document.addEventListener("input", (event) => {
  const box = event.target.form?.elements[`change_${event.target.name}`];
  if (box?.type === "checkbox") box.checked = true;
});
