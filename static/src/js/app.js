// The start of every page: wires the modules to the document once.

import { csrfToken, confirmed, isTyping, setCookie, text } from "./page.js";
import { toast } from "./toast.js";
import "./theme.js";
import "./panel.js";
import "./list.js";
import "./views.js";
import "./bulk.js";
import "./filter.js";
import "./choose.js"; // before the forms, which keep what they hold
import "./form.js";
import "./addresses.js";
import "./inline-edit.js";
import "./tabs.js";
import "./order.js";
import "./live.js";
import "./search.js";

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = csrfToken();
});

document.addEventListener("htmx:confirm", (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  confirmed(event.detail.question, event.detail.elt.dataset.confirmYes).then((yes) => {
    if (yes) event.detail.issueRequest(true);
  });
});

// A whole page in answer to a partial is a refusal: its sentence becomes a toast, the page stays.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status < 400 || !/^\s*<!doctype/i.test(xhr.responseText)) return;
  event.detail.shouldSwap = false;
  const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
  toast(page.querySelector("[data-fault]")?.textContent.trim() || text("failed"), { tone: "error" });
});

document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  if (status === 401 || /^\s*<!doctype/i.test(event.detail.xhr.responseText)) return;
  const sentence = { 403: "refused", 404: "gone", 413: "tooLarge" }[status] ?? "failed";
  toast(text(sentence), { tone: "error" });
});
document.addEventListener("htmx:sendError", () => toast(text("offline"), { tone: "error" }));
document.addEventListener("htmx:timeout", () => toast(text("offline"), { tone: "error" }));

// A swap that takes away what had the focus hands it to what came instead, so that Tab goes on from there.
let emptied = "";
document.addEventListener("htmx:beforeSwap", (event) => {
  emptied = event.detail.target.contains(document.activeElement) ? event.detail.target.id : "";
});
document.addEventListener("htmx:afterSettle", () => {
  if (emptied && document.activeElement === document.body) {
    const came = document.getElementById(emptied);
    const start = came?.querySelector("h1, h2, h3, [tabindex='0']") ?? came;
    if (start && !start.hasAttribute("tabindex")) start.tabIndex = -1;
    start?.focus({ preventScroll: true });
  }
  emptied = "";
});

// Plain forms and links may ask too: data-confirm="question".
document.addEventListener("submit", (event) => {
  const asker = event.submitter?.dataset.confirm ? event.submitter : event.target;
  if (!asker.dataset.confirm || asker.dataset.confirmed) return;
  event.preventDefault();
  confirmed(asker.dataset.confirm, asker.dataset.confirmYes).then((yes) => {
    if (!yes) return;
    asker.dataset.confirmed = "yes";
    event.target.requestSubmit(event.submitter);
    delete asker.dataset.confirmed;
  });
}, true);

const actions = {
  "toggle-nav": (button) => {
    const app = document.querySelector(".app");
    const narrow = app.dataset.nav !== "narrow";
    app.dataset.nav = narrow ? "narrow" : "wide";
    button.setAttribute("aria-expanded", String(!narrow));
    setCookie("nav", app.dataset.nav);
  },
  "show-keys": () => document.getElementById("keys").showModal(),
  "print": () => print(),
  "copy": (button) => navigator.clipboard.writeText(button.dataset.copy).then(() => toast(button.dataset.copied)),
  "show-password": (button) => {
    const input = document.getElementById(button.getAttribute("aria-controls"));
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  },
};
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-action]");
  actions[button?.dataset.action]?.(button);
});

document.addEventListener("keydown", (event) => {
  if (isTyping(event) || document.querySelector("dialog[open]")) return;
  const press = (selector) => {
    const target = document.querySelector(selector);
    if (!target) return;
    event.preventDefault();
    if (target.matches("input, textarea")) target.focus();
    else target.click();
  };
  if (event.key === "/") press("#search, [data-key-search]");
  else if (event.key === "?") press("[data-action=show-keys]");
  else if (event.key === "c") press("[data-key=create]");
  else if (event.key === "e") press("[data-key=edit]");
  else if (event.key === "v") press("[data-key=views]");
  else if (event.key === "n") press("[data-key=note]");
  else if (event.key === "f") press("[data-key=filter]");
});
