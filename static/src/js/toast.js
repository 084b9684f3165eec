// Toasts: from the server's messages, from HX-Trigger {"toast": {"text", "tone", "undo"}}, and from modules.

const host = document.getElementById("toasts");
let from = null; // where somebody was when the last toast with Undo came
const LIFE = { success: 6000, info: 6000, warning: 10000, undo: 12000 };

function live(item, life) {
  if (!life) return;
  let timer = setTimeout(() => item.remove(), life);
  const pause = () => clearTimeout(timer);
  const go = () => { timer = setTimeout(() => item.remove(), life / 2); };
  item.addEventListener("mouseenter", pause);
  item.addEventListener("focusin", pause);
  item.addEventListener("mouseleave", go);
  item.addEventListener("focusout", go);
}

/** Show `sentence`; with `undo` (an address to post to) it offers Undo. Errors stay until dismissed. */
export function toast(sentence, { tone = "success", undo = "" } = {}) {
  if (!host || !sentence) return;
  const item = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  item.dataset.tone = tone;
  item.setAttribute("role", tone === "error" ? "alert" : "status");
  if (tone === "error" || tone === "warning") {
    const use = item.querySelector(".toast-icon use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, tone === "error" ? "#circle-alert" : "#triangle-alert"));
  }
  const form = item.querySelector("[data-undo]");
  form.hidden = !undo;
  if (undo) form.action = undo;
  host.append(item);
  item.querySelector("p").textContent = sentence;
  while (host.children.length > 3) host.firstElementChild.remove();
  live(item, undo ? LIFE.undo : LIFE[tone]);
  if (undo) from = document.activeElement;
}

/** A toast that goes takes no focus along. */
function dismiss(item) {
  const held = item.contains(document.activeElement);
  item.remove();
  if (held && from?.isConnected) from.focus({ preventScroll: true });
}

if (host) {
  from = document.body;
  for (const item of host.children) {
    const undo = !item.querySelector("[data-undo]").hidden;
    live(item, undo ? LIFE.undo : LIFE[item.dataset.tone]);
  }
  host.addEventListener("click", (event) => {
    if (event.target.closest("[data-action=close-toast]")) dismiss(event.target.closest(".nx-toast"));
  });
}

// Undo stands at the end of the page and is wanted now. Nobody's focus is moved: the next Tab from where somebody was
// when the toast came leads to it, and Tab after it back onto the way.
function stops(item) {
  return [...item.querySelectorAll("button")].filter((button) => button.checkVisibility());
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Tab" || event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
  const item = [...(host?.children ?? [])].findLast((one) => !one.querySelector("[data-undo]").hidden);
  if (!item) return;
  const at = document.activeElement, buttons = stops(item);
  if (item.contains(at)) {
    if (at !== (event.shiftKey ? buttons[0] : buttons.at(-1))) return;
    const start = from === document.body ? document.querySelector(".skip-link") : from;
    if (!start?.isConnected) return;
    start.focus({ preventScroll: true });
    if (event.shiftKey || start !== from) event.preventDefault(); // else the browser goes on from there
  } else if (!event.shiftKey && !("passed" in item.dataset) && at === from) {
    event.preventDefault();
    item.dataset.passed = "";
    buttons[0].focus();
  }
});

document.addEventListener("toast", (event) => toast(event.detail.text ?? event.detail.value, event.detail));
