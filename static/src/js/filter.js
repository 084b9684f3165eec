// The filter builder: rows of field, comparison, value; the address carries the condition tree as JSON.

import { icon, text, whenever } from "./page.js";
import { show } from "./list.js";
import { toast } from "./toast.js";

const VERSION = 1;
const KEPT = new Set(["q", "sort", "columns", "view", "display", "density", "totals"]);

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

let fields = [];
let names = {}; // what referenced records are called, by id

function select(name, label, options, chosen) {
  const made = element("select", { class: "form-select", name, "aria-label": label, "data-plain": "" });
  for (const option of options) {
    const item = element("option", { value: option.key }, option.label);
    item.selected = option.key === chosen;
    made.append(item);
  }
  return made;
}

const INPUTS = { integer: "number", decimal: "number", date: "date", datetime: "date", email: "text", url: "text" };

/** The controls of a value: none, one, two (between) or many, by the operator's arity and the field's kind. */
function valueControls(field, operator, value) {
  const label = text("value");
  if (operator.arity === "none") return [];
  if (operator.arity === "two") {
    const [from, to] = Array.isArray(value) ? value : [value ?? "", ""];
    const type = INPUTS[field.kind] ?? "text";
    return [
      element("input", { class: "form-control", type, value: from ?? "", "aria-label": label }),
      text("and"),
      element("input", { class: "form-control", type, value: to ?? "", "aria-label": label }),
    ];
  }
  if (operator.options?.length) return [select("value", label, operator.options, value)];
  if (field.many && operator.arity !== "days") {
    const made = select("value", label, [], undefined);
    const source = new URL(document.querySelector("[data-filter-builder]").dataset.url, location.href);
    source.searchParams.set("options", field.key);
    made.dataset.choicesUrl = source.href;
    made.removeAttribute("data-plain");
    made.multiple = operator.arity === "many";
    for (const key of [value ?? []].flat()) if (key) made.append(new Option(names[`${field.key}:${key}`] ?? key, key, true, true));
    return [made];
  }
  if (field.options?.length && !field.target) {
    const made = select("value", label, field.options, operator.arity === "many" ? undefined : value);
    if (operator.arity === "many") {
      made.multiple = true;
      made.removeAttribute("data-plain");
      for (const item of made.options) item.selected = (value ?? []).includes(item.value);
    }
    return [made];
  }
  if (field.target && operator.arity !== "days") {
    const made = select("value", label, field.options, undefined);
    made.dataset.choicesUrl = `/references/${field.target}/`;
    made.removeAttribute("data-plain");
    made.multiple = operator.arity === "many";
    for (const id of [value ?? []].flat()) {
      const known = [...made.options].find((option) => option.value === id);
      if (known) known.selected = true;
      else if (id) made.append(new Option(names[id] ?? id, id, true, true));
    }
    return [made];
  }
  const type = operator.arity === "days" ? "number" : operator.arity === "many" ? "text" : INPUTS[field.kind] ?? "text";
  const shown = Array.isArray(value) ? value.join(", ") : value ?? "";
  return [element("input", { class: "form-control", type, value: shown, "aria-label": label })];
}

function readValue(cell, operator) {
  const controls = [...cell.querySelectorAll("select, input")].filter((one) => !one.closest(".ts-wrapper"));
  const values = controls.map((one) => (one.multiple ? [...one.selectedOptions].map((item) => item.value) : one.value.trim()));
  if (operator.arity === "none") return null;
  if (operator.arity === "two") return values;
  if (operator.arity === "many") {
    return Array.isArray(values[0]) ? values[0] : values[0].split(/[,;\n]/).map((one) => one.trim()).filter(Boolean);
  }
  if (operator.arity === "days") return Number.parseInt(values[0], 10) || 0;
  return values[0];
}

whenever("[data-filter-builder]", (form) => {
  const rows = form.querySelector(".filter-rows");
  const opener = document.querySelector("[data-filter-open]");

  function addRow(condition = {}) {
    const row = element("li", { class: "filter-row" });
    const cell = element("div", { class: "value" });
    const fieldSelect = select("field", text("field"), fields, condition.field);
    const remove = element("button", { class: "btn btn-quiet btn-icon", type: "button", "aria-label": text("remove") }, icon("x"));
    let field, operator, operatorSelect;
    // Each letter typed in a select is a change: the select stays, else the next letter would begin another word.
    const drawValue = (value) => {
      operator = field.operators.find((one) => one.key === operatorSelect.value);
      cell.replaceChildren(...valueControls(field, operator, value));
      window.htmx?.trigger(cell, "htmx:load", { elt: cell });
    };
    const drawField = (operatorKey, value) => {
      field = fields.find((one) => one.key === fieldSelect.value);
      operatorSelect?.remove();
      operatorSelect = select("operator", text("operator"), field.operators, operatorKey);
      operatorSelect.addEventListener("change", () => drawValue(readValue(cell, operator)));
      fieldSelect.after(operatorSelect);
      drawValue(value);
    };
    fieldSelect.addEventListener("change", () => drawField());
    remove.addEventListener("click", () => {
      row.remove();
      form.querySelector("[data-filter-add]").focus();
    });
    row.read = () => {
      const leaf = { field: field.key, operator: operator.key };
      if (operator.arity !== "none") leaf.value = readValue(cell, operator);
      return leaf;
    };
    row.append(fieldSelect, cell, remove);
    rows.append(row);
    drawField(condition.operator, condition.value);
    return row;
  }

  /** Ask what can be filtered by: once for the page, and again where the conditions name other records. */
  async function load() {
    const url = new URL(form.dataset.url, location.href);
    const conditions = document.getElementById("list")?.dataset.conditions; // of the address and of its view
    if (conditions) url.searchParams.set("filter", conditions);
    if (form.dataset.loaded === url.href) return;
    const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok) throw new Error(answer.statusText);
    ({ fields, names } = await answer.json());
    form.dataset.loaded = url.href;
  }

  function fill() {
    rows.replaceChildren();
    const tree = shownConditions();
    const join = tree.any ? "any" : "all";
    form.elements.join.value = join;
    for (const leaf of tree[join] ?? []) if (leaf.field) addRow(leaf);
    if (!rows.children.length) addRow();
  }

  // A quick filter without a short list of choices: the builder with a row for its field.
  document.addEventListener("click", async (event) => {
    const quick = event.target.closest?.("[data-quick-open]");
    if (!quick) return;
    if (form.hidden) await toggle();
    if (form.hidden) return;
    const field = quick.dataset.quickOpen;
    const asked = (row) => row.querySelector("[name=field]").value === field;
    for (const row of [...rows.children]) if (row.read().value === "" && !asked(row)) row.remove();
    const row = [...rows.children].find(asked) ?? addRow({ field });
    const control = row.querySelector(".value select, .value input");
    if (control?.tomselect) control.tomselect.focus();
    else control?.focus();
  });

  opener?.addEventListener("click", toggle);
  async function toggle() {
    if (form.hidden) {
      opener.setAttribute("aria-busy", "true");
      try {
        await load();
      } catch {
        toast(text("offline"), { tone: "error" });
        return;
      } finally {
        opener.removeAttribute("aria-busy");
      }
    }
    form.hidden = !form.hidden;
    opener.setAttribute("aria-expanded", String(!form.hidden));
    if (!form.hidden) {
      fill();
      rows.querySelector("select").focus();
    }
  }
  form.querySelector("[data-filter-add]").addEventListener("click", () => addRow().querySelector("select").focus());
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    form.hidden = true;
    opener?.setAttribute("aria-expanded", "false");
    opener?.focus();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const leaves = [...rows.children].map((row) => row.read());
    opener?.focus();
    form.hidden = true;
    opener?.setAttribute("aria-expanded", "false");
    ask(form.elements.join.value, leaves);
  });
});

/** The conditions of the list as it stands. */
function shownConditions() {
  const json = document.getElementById("list")?.dataset.conditions;
  return json ? JSON.parse(json) : {};
}

/** Show the list under these conditions. */
function ask(join, conditions) {
  const url = new URL(location.href);
  for (const name of [...url.searchParams.keys()]) if (!KEPT.has(name)) url.searchParams.delete(name);
  // In a view the address says that there is no condition; elsewhere it says nothing.
  if (conditions.length) url.searchParams.set("filter", JSON.stringify({ version: VERSION, [join]: conditions }));
  else if (url.searchParams.has("view")) url.searchParams.set("filter", JSON.stringify({ version: VERSION, all: [] }));
  return show(url.href);
}

/** The parts of a condition that must all hold. */
function parts(tree) {
  if (tree.all) return tree.all;
  const { version, ...rest } = tree;
  return Object.keys(rest).length ? [rest] : [];
}

// Quick filters: a short list of choices beside the search; the list says which one holds.
whenever("[data-quick-filter]", (control) => {
  control.addEventListener("change", () => {
    const field = control.dataset.quickFilter;
    const others = parts(shownConditions()).filter((one) => one.field !== field);
    ask("all", control.value ? [...others, { field, operator: "is", value: control.value }] : others);
  });
});
whenever("#list", () => {
  const held = parts(shownConditions());
  for (const control of document.querySelectorAll("[data-quick-filter]")) {
    const leaf = held.find((one) => one.field === control.dataset.quickFilter && one.operator === "is");
    control.value = leaf?.value ?? "";
    control.classList.toggle("is-set", Boolean(control.value));
  }
});
