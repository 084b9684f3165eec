// A tree of records for the keyboard (the ARIA tree pattern). Without this script it is nested lists that open.

import { icon } from "./page.js";

const tree = document.querySelector("[data-tree]");
const rtl = document.dir === "rtl";
const keys = { [rtl ? "ArrowLeft" : "ArrowRight"]: "in", [rtl ? "ArrowRight" : "ArrowLeft"]: "out" };
let groups = 0;

/** Turn a list item with its <details> into a row of the tree and the group that it opens. */
function dress(item) {
  const details = item.querySelector(":scope > details");
  const below = (details ?? item).querySelector(":scope > ul");
  const row = document.createElement("div");
  row.className = "tree-item";
  row.setAttribute("role", "treeitem");
  row.tabIndex = -1;
  const toggle = document.createElement("span");
  toggle.className = "tree-toggle";
  toggle.setAttribute("aria-hidden", "true");
  row.append(toggle, ...[...item.childNodes].filter((one) => one !== below && one !== details));
  item.setAttribute("role", "none");
  if (below) {
    groups += 1;
    below.id = `tree-group-${groups}`;
    below.setAttribute("role", "group");
    row.setAttribute("aria-expanded", String(details ? details.open : true));
    row.setAttribute("aria-owns", below.id);
    toggle.append(icon("chevron-right"));
    item.append(below);
  }
  details?.remove();
  item.prepend(row);
  if (row.querySelector("[aria-current]")) row.setAttribute("aria-current", "true");
  for (const link of row.querySelectorAll("a")) link.tabIndex = -1;
}

const opens = (row) => row.hasAttribute("aria-expanded");
const isOpen = (row) => row.getAttribute("aria-expanded") === "true";
const parent = (row) => row.parentElement.parentElement.closest("li")?.firstElementChild;
const open = (row, yes) => opens(row) && row.setAttribute("aria-expanded", String(yes));
const all = () => [...tree.querySelectorAll("[role=treeitem]")];
const shown = () => all().filter((row) => row.checkVisibility());

function focus(row) {
  if (!row) return;
  tree.querySelector("[tabindex='0']")?.setAttribute("tabindex", "-1");
  row.tabIndex = 0;
  row.focus();
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
  focus(found.find((row) => row.textContent.trim().toLocaleLowerCase().startsWith(typed)));
}

function walk(event) {
  const row = event.target.closest("[role=treeitem]");
  if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
  const rows = shown();
  const at = rows.indexOf(row);
  const way = keys[event.key];
  if (event.key === "ArrowDown") focus(rows[at + 1]);
  else if (event.key === "ArrowUp") focus(rows[at - 1]);
  else if (event.key === "Home") focus(rows[0]);
  else if (event.key === "End") focus(rows.at(-1));
  else if (way === "in") { if (isOpen(row)) focus(rows[at + 1]); else open(row, true); }
  else if (way === "out") { if (isOpen(row)) open(row, false); else focus(parent(row)); }
  else if (event.key === "Enter") row.querySelector("a")?.click();
  else if (event.key === " ") open(row, !isOpen(row));
  else if (event.key === "*") for (const item of row.closest("ul").children) open(item.firstElementChild, true);
  else if (event.key.length === 1) seek(event.key, row);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

if (tree) {
  tree.querySelectorAll("li").forEach(dress);
  tree.setAttribute("role", "tree");
  const current = tree.querySelector("[data-current] > [role=treeitem]") ?? tree.querySelector("[role=treeitem]");
  current.tabIndex = 0;
  current.scrollIntoView({ block: "nearest" });
  tree.addEventListener("keydown", walk);
  tree.addEventListener("click", (event) => {
    const row = event.target.closest("[role=treeitem]");
    if (!row || event.target.closest("a")) return;
    open(row, !isOpen(row));
    focus(row);
  });
  const tools = document.querySelector("[data-tree-tools]");
  tools.hidden = false;
  tools.addEventListener("click", (event) => {
    const wanted = event.target.closest("[data-tree-all]")?.dataset.treeAll;
    if (!wanted) return;
    const rows = all();
    for (const row of rows) open(row, wanted === "open" || row === rows[0]);
    const place = tree.querySelector("[tabindex='0']");
    if (!place.checkVisibility()) {
      place.tabIndex = -1;
      rows[0].tabIndex = 0;
    }
  });
}
