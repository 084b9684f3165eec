// Toasts: from the server's messages, from HX-Trigger {"toast": {"text", "tone", "undo"}}, and from modules.

const host = document.getElementById("toasts");
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
}

if (host) {
  for (const item of host.children) {
    const undo = !item.querySelector("[data-undo]").hidden;
    live(item, undo ? LIFE.undo : LIFE[item.dataset.tone]);
  }
  host.addEventListener("click", (event) => {
    if (event.target.closest("[data-action=close-toast]")) event.target.closest(".nx-toast").remove();
  });
}

document.addEventListener("toast", (event) => toast(event.detail.text ?? event.detail.value, event.detail));
