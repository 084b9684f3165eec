// Lists: swaps of the same address, rows by keyboard and mouse, columns, density.

import { isTyping, post, rowUrl, setCookie, text, whenever } from "./page.js";
import { openPanel, closePanel } from "./panel.js";

/** Fetch `url` and swap the list; the address bar follows, so Back and reload work. */
export function show(url, { push = true } = {}) {
  const list = document.getElementById("list");
  if (!list) {
    location.assign(url);
    return Promise.resolve();
  }
  const focused = document.activeElement?.closest("#list") ? document.activeElement.closest("[data-row]")?.dataset.row : "";
  const heading = document.activeElement?.closest("#list thead th")?.cellIndex;
  list.classList.add("htmx-request");
  return window.htmx.ajax("GET", url, { target: "#list", swap: "outerHTML" }).then(() => {
    if (push) history.pushState({ list: true }, "", url);
    keepQuery();
    if (focused) document.querySelector(`[data-row="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    if (heading !== undefined) document.querySelectorAll("#list thead th")[heading]?.querySelector("a, input")?.focus({ preventScroll: true });
  });
}

/** Links that act on what is shown (export, save as view) carry the query of the list. */
function keepQuery() {
  for (const link of document.querySelectorAll("a[data-keeps-query]")) {
    const url = new URL(link.href);
    url.search = location.search;
    link.href = url;
  }
}

window.addEventListener("popstate", () => {
  if (!document.getElementById("list")) return;
  const search = document.getElementById("list-search");
  if (search) search.value = new URL(location.href).searchParams.get("q") ?? "";
  show(location.href, { push: false });
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-swap]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  if ("clear" in link.dataset) {
    const search = document.getElementById("list-search");
    if (search) search.value = "";
  }
  show(link.href);
});

// Search in the list while typing; Enter and the form itself work without scripts.
whenever("[data-list-search]", (form) => {
  let timer = 0;
  const go = () => {
    const url = new URL(location.href);
    const words = form.elements.q.value.trim();
    if (words) url.searchParams.set("q", words);
    else url.searchParams.delete("q");
    url.searchParams.delete("cursor");
    if (url.href !== location.href) show(url.href);
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(go, 250);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    go();
  });
});

function rowOf(event) {
  return event.target.closest?.("#list [data-row]");
}

function focusRow(row) {
  for (const one of document.querySelectorAll("#list [data-row][tabindex='0']")) one.tabIndex = -1;
  row.tabIndex = 0;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

document.addEventListener("click", (event) => {
  const row = rowOf(event);
  if (!row || event.target.closest("a, button, input, label, select, textarea, form.inline-edit, .row-check")) return;
  if (getSelection()?.toString()) return;
  if (event.ctrlKey || event.metaKey) {
    window.open(rowUrl(row), "_blank", "noopener");
    return;
  }
  focusRow(row);
  if (matchMedia("(width < 768px)").matches ) location.assign(rowUrl(row));
  else openPanel(row);
});

document.addEventListener("keydown", (event) => {
  const row = rowOf(event);
  if (!row || isTyping(event)) return;
  const rows = [...document.querySelectorAll("#list [data-row]")];
  const at = rows.indexOf(row);
  const goes = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 };
  if (event.key in goes) {
    event.preventDefault();
    const next = rows[goes[event.key]];
    if (next) focusRow(next);
  } else if (event.key === "Enter" && event.target === row) {
    location.assign(rowUrl(row));
  } else if (event.key === " " && event.target === row) {
    event.preventDefault();
    openPanel(row);
  } else if (event.key.toLowerCase() === "x") {
    event.preventDefault();
    const box = row.querySelector(".row-check input");
    if (box) box.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey: event.shiftKey }));
  } else if (event.key === "Escape") {
    closePanel();
  }
});

whenever(".table-frame", (frame) => {
  frame.addEventListener("scroll", () => frame.classList.toggle("is-scrolled", Math.abs(frame.scrollLeft) > 2), { passive: true });
});

// Columns: which and in what order; the address carries it, a saved view keeps it.
whenever("[data-column-form]", (form) => {
  const list = form.querySelector("[data-sortable]");
  import("../../vendor/sortablejs/sortable.esm.js").then(({ default: Sortable }) => {
    Sortable.create(list, { handle: ".handle", animation: 120 });
  });
  list.addEventListener("keydown", (event) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    const item = event.target.closest("li");
    event.preventDefault();
    if (event.key === "ArrowUp") item.previousElementSibling?.before(item);
    else item.nextElementSibling?.after(item);
    event.target.focus();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const url = new URL(location.href);
    url.searchParams.delete("cursor");
    url.searchParams.set("columns", new FormData(form).getAll("column").join(","));
    window.bootstrap.Dropdown.getInstance(form.previousElementSibling)?.hide();
    show(url.href);
  });
});

// On a phone the quick filters and the look of the list open below the search.
whenever("[data-view-open]", (button) => {
  const view = document.getElementById(button.getAttribute("aria-controls"));
  const set = (open) => {
    view.classList.toggle("is-open", open);
    button.setAttribute("aria-expanded", String(open));
  };
  button.addEventListener("click", () => set(!view.classList.contains("is-open")));
  view.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !view.classList.contains("is-open") || event.target.closest(".dropdown-menu")) return;
    set(false);
    button.focus();
  });
});

// Cards have no headings to sort by.
whenever("[data-sort-choice]", (choice) => {
  choice.addEventListener("change", () => {
    const url = new URL(location.href);
    url.searchParams.delete("cursor");
    url.searchParams.set("sort", choice.value);
    show(url.href);
  });
});
whenever("#list", (list) => {
  const choice = document.querySelector("[data-sort-choice]");
  if (choice) choice.value = list.dataset.sort;
});

/** In a saved view how the list looks is a change to the view, which stands in the address; elsewhere it is one's own. */
function showLook(look) {
  if (!document.getElementById("views")?.dataset.saved) return false;
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(look)) url.searchParams.set(name, value);
  show(url.href);
  return true;
}

whenever("[data-density-toggle]", (button) => {
  button.addEventListener("click", () => {
    const compact = document.documentElement.dataset.density !== "compact";
    document.documentElement.dataset.density = compact ? "compact" : "comfortable";
    button.setAttribute("aria-pressed", String(compact));
    const look = { density: document.documentElement.dataset.density };
    if (showLook(look)) return;
    setCookie("density", look.density);
    if (button.dataset.url) post(button.dataset.url, look);
  });
});

whenever("[data-totals-toggle]", (button) => {
  button.addEventListener("click", async () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    const look = { totals: on ? "on" : "off" };
    if (showLook(look)) return;
    const answer = await post(button.dataset.url, look).catch(() => null);
    if (answer?.ok) show(location.href, { push: false });
    else button.setAttribute("aria-pressed", String(!on));
  });
});

// Long text is cut; the whole shows on hover, focus and tap.
document.addEventListener("mouseover", (event) => {
  const cell = event.target.closest?.(".data-table td, .data-table th");
  if (cell && !cell.title && cell.scrollWidth > cell.clientWidth) cell.title = cell.textContent.trim();
});

keepQuery();
document.getElementById("panel")?.setAttribute("data-loading", text("loading"));

// What scrolls sideways can be reached by keyboard: only there does a stop in the tab order help.
whenever(".table-scroll, .table-responsive", (frame) => {
  new ResizeObserver(() => {
    if (frame.scrollWidth > frame.clientWidth + 1) frame.tabIndex = 0;
    else frame.removeAttribute("tabindex");
  }).observe(frame);
});
