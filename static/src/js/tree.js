// A tree of records for the keyboard (the ARIA tree pattern). Without this script it is nested lists that open.

import { icon } from "./page.js";

const tree = document.querySelector("[data-tree]");
const rtl = document.dir === "rtl";
const keys = { [rtl ? "ArrowLeft" : "ArrowRight"]: "in", [rtl ? "ArrowRight" : "ArrowLeft"]: "out" };

/** Turn a list item with its <details> into a tree item: rows that open need no second place for the focus. */
function dress(item) {
  const details = item.querySelector(":scope > details");
  const below = (details ?? item).querySelector(":scope > ul");
  const row = document.createElement("div");
  row.className = "tree-item";
  const toggle = document.createElement("span");
  toggle.className = "tree-toggle";
  toggle.setAttribute("aria-hidden", "true");
  row.append(toggle, ...(details ? details.querySelector("summary").childNodes : [...item.childNodes].filter((one) => one !== below)));
  item.setAttribute("role", "treeitem");
  item.tabIndex = -1;
  if (below) {
    toggle.append(icon("chevron-right"));
    below.setAttribute("role", "group");
    item.setAttribute("aria-expanded", String(details ? details.open : true));
    item.append(below);
  }
  details?.remove();
  item.prepend(row);
  item.setAttribute("aria-label", row.textContent.replace(/\s+/g, " ").trim());
  if (row.querySelector("[aria-current]")) item.setAttribute("aria-current", "true");
  for (const link of row.querySelectorAll("a")) link.tabIndex = -1;
}

const opens = (item) => item.hasAttribute("aria-expanded");
const isOpen = (item) => item.getAttribute("aria-expanded") === "true";
const parent = (item) => item.parentElement.closest("[role=treeitem]");
const open = (item, yes) => opens(item) && item.setAttribute("aria-expanded", String(yes));
const all = () => [...tree.querySelectorAll("[role=treeitem]")];
const shown = () => all().filter((item) => !item.parentElement.closest("[aria-expanded=false]"));

function focus(item) {
  if (!item) return;
  tree.querySelector("[tabindex='0']")?.setAttribute("tabindex", "-1");
  item.tabIndex = 0;
  item.focus();
  item.querySelector(".tree-item").scrollIntoView({ block: "nearest" });
}

let typed = "";
let typing = 0;

/** Letters lead to the next row that begins with them. */
function seek(letter, from) {
  clearTimeout(typing);
  typing = setTimeout(() => { typed = ""; }, 600);
  typed += letter.toLocaleLowerCase();
  const rows = shown();
  const at = rows.indexOf(from) + (typed.length === 1 ? 1 : 0);
  const found = [...rows.slice(at), ...rows.slice(0, at)];
  focus(found.find((item) => item.getAttribute("aria-label").toLocaleLowerCase().startsWith(typed)));
}

function walk(event) {
  const item = event.target.closest("[role=treeitem]");
  if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
  const rows = shown();
  const at = rows.indexOf(item);
  const way = keys[event.key];
  if (event.key === "ArrowDown") focus(rows[at + 1]);
  else if (event.key === "ArrowUp") focus(rows[at - 1]);
  else if (event.key === "Home") focus(rows[0]);
  else if (event.key === "End") focus(rows.at(-1));
  else if (way === "in" && opens(item)) isOpen(item) ? focus(rows[at + 1]) : open(item, true);
  else if (way === "out") opens(item) && isOpen(item) ? open(item, false) : focus(parent(item));
  else if (event.key === "Enter") item.querySelector(".tree-item a")?.click();
  else if (event.key === " ") open(item, !isOpen(item));
  else if (event.key === "*") for (const one of item.parentElement.children) open(one, true);
  else if (event.key.length === 1) seek(event.key, item);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

if (tree) {
  tree.querySelectorAll("li").forEach(dress);
  tree.setAttribute("role", "tree");
  const current = tree.querySelector("[data-current]") ?? tree.querySelector("[role=treeitem]");
  current.tabIndex = 0;
  current.scrollIntoView({ block: "nearest" });
  tree.addEventListener("keydown", walk);
  tree.addEventListener("click", (event) => {
    const item = event.target.closest("[role=treeitem]");
    if (!item || event.target.closest("a")) return;
    open(item, !isOpen(item));
    focus(item);
  });
  const tools = document.querySelector("[data-tree-tools]");
  tools.hidden = false;
  tools.addEventListener("click", (event) => {
    const wanted = event.target.closest("[data-tree-all]")?.dataset.treeAll;
    if (!wanted) return;
    for (const item of all()) open(item, wanted === "open" || item === tree.firstElementChild);
    const place = tree.querySelector("[tabindex='0']");
    if (!shown().includes(place)) {
      place.tabIndex = -1;
      tree.firstElementChild.tabIndex = 0;
    }
  });
}
