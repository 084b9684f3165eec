// Forms: nothing typed is lost (drafts here and on the server), a form leaves once, errors get the focus.

import { confirmed, post, text, whenever } from "./page.js";

const PREFIX = "draft:";
// What new rows of a part are copies of: an untouched row, taken before anybody could write into it.
const patterns = new WeakMap();
const SKIP = new Set(["csrfmiddlewaretoken", "version", "idempotency_token", "hand_over", "and_new"]);
const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

function values(form) {
  // By name: the fields of an address change their places with the country.
  const found = [...new FormData(form)].filter(([name, value]) => !SKIP.has(name) && typeof value === "string");
  return found.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
}

function store(key, data) {
  try {
    if (data) localStorage.setItem(PREFIX + key, JSON.stringify(data));
    else localStorage.removeItem(PREFIX + key);
  } catch {
    // A full or forbidden storage leaves the server's draft.
  }
}

function stored(key) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key));
  } catch {
    return null;
  }
}

function restore(form, data) {
  for (const formset of form.querySelectorAll("[data-formset]")) {
    const total = data.find(([name]) => name === `${formset.dataset.formset}-TOTAL_FORMS`)?.[1];
    while (total && formset.querySelectorAll("[data-formset-row]").length < Number(total)) addRow(formset);
  }
  const byName = new Map();
  for (const [name, value] of data) byName.set(name, [...(byName.get(name) ?? []), value]);
  for (const control of form.elements) {
    if (!control.name || SKIP.has(control.name) || control.type === "file") continue;
    const given = byName.get(control.name) ?? [];
    if (control.dataset.chosen) addOptions(control, given);
    if (control.type === "checkbox" || control.type === "radio") control.checked = given.includes(control.value);
    else if (control.multiple) for (const option of control.options) option.selected = given.includes(option.value);
    else if (given.length) control.value = given[0];
  }
  for (const row of form.querySelectorAll(".part-row.is-spare")) {
    const controls = [...row.querySelectorAll("input, select, textarea")];
    if (controls.some((one) => (byName.get(one.name)?.[0] ?? "") !== initial(one))) row.classList.remove("is-spare");
  }
}

/** Choices that the page asks for on demand: those of a draft must be there to be chosen. */
function addOptions(select, keys) {
  const there = new Set([...select.options].map((option) => option.value));
  for (const key of keys) if (key && !there.has(key)) select.append(new Option(key, key));
}

/** What a control held when the page came. */
function initial(control) {
  if (control.type === "checkbox") return control.defaultChecked ? control.value : "";
  if (control.options) return [...control.options].find((one) => one.defaultSelected)?.value ?? control.options[0]?.value ?? "";
  return control.defaultValue;
}

whenever("form[data-record-form]", (form) => {
  const key = form.dataset.draftKey;
  const state = form.querySelector("[data-draft-state]");
  const start = JSON.stringify(values(form));
  const bound = "bound" in form.dataset;
  let leaving = false;
  let timer = 0;

  const isDirty = () => bound || JSON.stringify(values(form)) !== start;
  const tell = (sentence) => { if (state) state.textContent = sentence; };

  const kept = stored(key);
  if (kept && !bound && kept.start === start && JSON.stringify(kept.data) !== start) {
    restore(form, kept.data);
    tell(text("draftRestored"));
  } else if (kept && !bound) {
    store(key, null);
  }

  async function keep() {
    const data = values(form);
    store(key, { start, data });
    if (!form.dataset.draftUrl) {
      tell(text("draftOffline"));
      return;
    }
    try {
      const answer = await post(form.dataset.draftUrl, new FormData(form));
      tell(answer.ok ? text("draftKept", clock.format(new Date())) : text("draftOffline"));
    } catch {
      tell(text("draftOffline"));
    }
  }
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 1200);
  });

  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (leaving) {
      event.preventDefault();
      return;
    }
    leaving = true;
    clearTimeout(timer);
    // Kept until a page without errors comes back: a lost connection loses no word.
    sessionStorage.setItem("submitted-draft", key);
    for (const button of form.querySelectorAll("[type=submit]")) button.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    leaving = false;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && isDirty()) event.preventDefault();
  });
  form.addEventListener("click", async (event) => {
    const discard = event.target.closest("[data-draft-discard], [data-draft-drop]");
    const leave = event.target.closest("[data-leave]");
    if (discard) {
      event.preventDefault();
      leaving = true;
      store(key, null);
      if (form.dataset.draftUrl) await post(form.dataset.draftUrl, { discard: "1" }).catch(() => null);
      location.assign(discard.href ?? location.pathname);
    } else if (leave && isDirty()) {
      event.preventDefault();
      if (await confirmed(text("unsaved"), leave.textContent.trim())) {
        leaving = true;
        store(key, null);
        if (form.dataset.draftUrl) await post(form.dataset.draftUrl, { discard: "1" }).catch(() => null);
        location.assign(leave.href);
      }
    }
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(form.querySelector("[type=submit]"));
  });
});

// A draft that was submitted and didn't come back with errors was saved.
{
  const key = sessionStorage.getItem("submitted-draft");
  const form = document.querySelector("form[data-record-form]");
  if (key && !(form?.dataset.draftKey === key && "bound" in form.dataset)) store(key, null);
  sessionStorage.removeItem("submitted-draft");
}

// Other plain forms only must not leave twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog" || form.matches("[data-record-form]") || form.method === "get") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 4000);
});

whenever("[data-error-summary]", (summary) => {
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const control = link && document.getElementById(link.hash.slice(1));
    if (!control) return;
    event.preventDefault();
    const visible = control.tomselect?.control_input ?? control;
    visible.focus();
    visible.scrollIntoView({ block: "center" });
  });
});

// Part rows.
function patternOf(formset) {
  if (!patterns.has(formset)) {
    const mark = "[data-formset-pattern]";
    const there = formset.querySelector(mark) ?? formset.querySelector("template").content.querySelector(mark);
    const row = there.cloneNode(true);
    row.classList.remove("is-spare");
    patterns.set(formset, row);
  }
  return patterns.get(formset);
}

function addRow(formset) {
  const total = formset.querySelector("input[name$='-TOTAL_FORMS']");
  const row = patternOf(formset).cloneNode(true);
  const [before, after] = [row.dataset.formsetPattern, `${formset.dataset.formset}-${total.value}-`];
  delete row.dataset.formsetPattern;
  for (const element of row.querySelectorAll("*")) {
    for (const attribute of element.attributes) attribute.value = attribute.value.replaceAll(before, after);
  }
  total.value = Number(total.value) + 1;
  formset.querySelector("[data-formset-rows]").append(row);
  window.htmx?.process(row);
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: row } }));
  return row;
}

whenever("[data-formset]", (formset) => {
  patternOf(formset);
  formset.querySelector("[data-formset-add]").addEventListener("click", () => {
    const spare = formset.querySelector(".part-row.is-spare");
    spare?.classList.remove("is-spare");
    const row = spare ?? addRow(formset);
    const control = row.querySelector("select, input:not([type=hidden]), textarea");
    (control?.tomselect ?? control)?.focus();
  });
  formset.addEventListener("change", (event) => {
    if (event.target.matches("[data-formset-delete]")) {
      event.target.closest("[data-formset-row]").classList.toggle("is-removed", event.target.checked);
    }
  });
  for (const box of formset.querySelectorAll("[data-formset-delete]:checked")) {
    box.closest("[data-formset-row]").classList.add("is-removed");
  }
});

whenever("[data-grow]", (area) => {
  const grow = () => {
    area.style.blockSize = "auto";
    area.style.blockSize = `${Math.min(area.scrollHeight + 2, 320)}px`;
    area.form?.classList.toggle("has-text", Boolean(area.value));
  };
  area.addEventListener("input", grow);
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) area.form.requestSubmit();
  });
});

whenever("form[data-note-form]", (form) => {
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && event.target === form) {
      form.reset();
      form.classList.remove("has-text");
    }
  });
});

whenever("[data-drop-zone]", (zone) => {
  const input = zone.querySelector("input[type=file]");
  const over = (on) => (event) => {
    event.preventDefault();
    zone.classList.toggle("is-over", on);
  };
  zone.addEventListener("dragover", over(true));
  zone.addEventListener("dragleave", over(false));
  zone.addEventListener("drop", (event) => {
    over(false)(event);
    if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
  });
});
