// Edit in place, on record pages, in the panel and in list cells: click or Enter, Esc cancels, errors stay beside.

import { announce, icon, rowUrl, text } from "./page.js";
import { toast } from "./toast.js";

let open = null;

function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** Show the little form: in place of a value, or over a table cell, whose width must not jump. */
function put(place, html) {
  place.querySelector(".inline-edit")?.remove();
  if (place.matches("td")) place.append(fragment(html));
  else place.replaceChildren(fragment(html));
  window.htmx.process(place);
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: place } }));
}

function cancel() {
  if (!open) return;
  const { place, before, back } = open;
  open = null;
  place.replaceChildren(...before);
  (back?.isConnected ? back : place.closest("[data-row]"))?.focus();
}

async function start(place, url, back) {
  if (open) cancel();
  open = { place, url, back, before: [...place.childNodes] };
  const answer = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  if (!answer.ok || open?.place !== place) {
    open = null;
    toast(text(answer.status === 403 ? "refused" : "failed"), { tone: "error" });
    return;
  }
  put(place, await answer.text());
  const control = place.querySelector("input:not([type=hidden]), select, textarea");
  control?.focus();
  control?.select?.();
}

async function save(form) {
  const { place, back } = open;
  form.setAttribute("aria-busy", "true");
  let answer;
  try {
    answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { "HX-Request": "true", "X-CSRFToken": form.elements.csrfmiddlewaretoken?.value ?? "" },
      credentials: "same-origin",
    });
  } catch {
    form.removeAttribute("aria-busy");
    toast(text("offline"), { tone: "error" });
    return;
  }
  if (answer.headers.get("HX-Redirect")) {
    location.assign(answer.headers.get("HX-Redirect"));
    return;
  }
  const html = await answer.text();
  if (answer.status === 422 || answer.status === 409) {
    put(place, html);
    place.querySelector("[aria-invalid=true], input:not([type=hidden]), select, textarea")?.focus();
    announce(place.querySelector(".field-error")?.textContent.trim() ?? "");
    return;
  }
  if (!answer.ok) {
    form.removeAttribute("aria-busy");
    toast(text(answer.status === 403 ? "refused" : "failed"), { tone: "error" });
    return;
  }
  open = null;
  const whole = place.closest(".value-row") ?? place;
  const fresh = fragment(html).firstElementChild;
  whole.replaceWith(fresh);
  fresh.classList.add("is-saved");
  window.htmx.process(fresh);
  (fresh.querySelector(".value-edit") ?? fresh.closest("[data-row]") ?? back)?.focus?.();
  const news = answer.headers.get("HX-Trigger");
  const told = news?.startsWith("{") ? JSON.parse(news).toast : null;
  if (told) toast(told.text, told);
  else announce(text("saved"));
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-inline-cancel]")) {
    cancel();
    return;
  }
  const pencil = event.target.closest(".cell-edit");
  if (pencil) {
    const cell = pencil.closest("td");
    pencil.remove();
    editCell(cell);
    return;
  }
  const button = event.target.closest("button[data-edit-url]");
  if (button) start(button.closest("dd"), button.dataset.editUrl, button);
});

// In a list a click opens the panel; the one pencil that follows the pointer edits the cell.
function editCell(cell) {
  const row = cell.closest("[data-row]");
  start(cell, `${rowUrl(row)}field/${cell.dataset.edit}/?cell=1`, row);
}

const pencil = document.createElement("button");
pencil.type = "button";
pencil.className = "cell-edit btn btn-quiet btn-icon btn-sm";
pencil.tabIndex = -1;
pencil.setAttribute("aria-label", text("edit"));
pencil.append(icon("pencil"));
document.addEventListener("mouseover", (event) => {
  const cell = event.target.closest?.("td[data-edit]");
  if (cell && !cell.querySelector("form") && pencil.parentNode !== cell) cell.append(pencil);
  else if (!cell) pencil.remove();
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-inline-edit]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  save(event.target);
}, true);

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("[data-inline-edit]");
  if (!form) {
    const row = event.target.closest?.("#list [data-row]");
    if (event.key === "F2" && row) {
      const cell = row.querySelector("td[data-edit]");
      if (cell) editCell(cell);
      else toast(text("refused"));
    }
    return;
  }
  if (event.key === "F2" && form.closest("td[data-edit]")) {
    // F2 again goes on to the next value of the row, round and round.
    event.preventDefault();
    const cells = [...form.closest("[data-row]").querySelectorAll("td[data-edit]")];
    const next = cells[(cells.indexOf(form.closest("td")) + 1) % cells.length];
    cancel();
    editCell(next);
    return;
  }
  // An open chooser takes Enter and Escape first: they choose, or close it.
  if (event.target.closest(".ts-wrapper.dropdown-active")) return;
  if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    cancel();
  } else if (event.key === "Enter" && (!event.target.matches("textarea") || event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  }
}, true);
