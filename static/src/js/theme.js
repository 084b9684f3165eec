// Light, dark or as the system: kept in a cookie for the next page and on the user for other devices.

import { post, setCookie } from "./page.js";

const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

function show(choice) {
  root.dataset.theme = choice;
  root.dataset.bsTheme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
  }
}

dark.addEventListener("change", () => {
  if (root.dataset.theme === "auto") show("auto");
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-choice]");
  if (!button) return;
  const choice = button.dataset.themeChoice;
  show(choice);
  setCookie("theme", choice);
  try {
    localStorage.setItem("theme", choice);
  } catch {
    // Only the admin reads it.
  }
  const url = button.closest("[data-theme-url]").dataset.themeUrl;
  if (url) post(url, { theme: choice });
});
