// The menu of views above a list: arrows and Escape, and it closes when one goes elsewhere.

import { whenever } from "./page.js";

whenever("[data-view-menu]", (menu) => {
  const summary = menu.querySelector("summary");
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      event.preventDefault();
      menu.open = false;
      summary.focus();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    menu.open = true;
    const all = [...menu.querySelectorAll("a")].filter((one) => one.checkVisibility());
    const at = all.indexOf(document.activeElement);
    all[(Math.max(at, step > 0 ? -1 : 0) + step + all.length) % all.length]?.focus();
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("[data-view-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  // By keyboard (the key v too) one is in the menu at once.
  const summary = event.target.closest?.("[data-key=views]");
  if (!summary || event.detail > 0) return;
  requestAnimationFrame(() => {
    [...summary.parentElement.querySelectorAll("a")].find((one) => one.checkVisibility())?.focus();
  });
});
