// Tabs of a record on narrow windows: the arrow keys move, the columns are the panels.

import { whenever } from "./page.js";

whenever("[role=tablist]", (list) => {
  const tabs = [...list.querySelectorAll("[role=tab]")];
  const pick = (tab, focus) => {
    for (const one of tabs) {
      const chosen = one === tab;
      one.setAttribute("aria-selected", String(chosen));
      one.tabIndex = chosen ? 0 : -1;
      document.getElementById(one.getAttribute("aria-controls"))?.classList.toggle("is-shown", chosen);
    }
    if (focus) tab.focus();
  };
  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) pick(tab);
  });
  list.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(document.activeElement);
    const forward = document.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = document.dir === "rtl" ? "ArrowRight" : "ArrowLeft";
    if (event.key === forward) pick(tabs[(at + 1) % tabs.length], true);
    else if (event.key === back) pick(tabs[(at - 1 + tabs.length) % tabs.length], true);
  });
  document.querySelector(".record-columns")?.classList.add("has-tabs");
  pick(tabs.find((tab) => tab.getAttribute("aria-selected") === "true") ?? tabs[0]);
});
