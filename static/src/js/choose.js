// Long and remote choice lists become searchable (Tom Select); short ones stay plain selects. Very long ones come as
// a text with the names of what is chosen, for browsers without scripts, and ask for the others.

import { text, whenever } from "./page.js";

const SHORT = 12;
let loading = null;

function library() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = text("tomSelect");
    script.onload = () => resolve(window.TomSelect);
    script.onerror = reject;
    document.head.append(script);
  });
  return loading;
}

const CHOSEN = "chosen";

async function ask(remote, query) {
  const url = new URL(remote, location.href);
  url.searchParams.set("q", query);
  const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  return answer.ok ? (await answer.json()).results : [];
}

/** The select that stands for a text with choices behind it: its options are what is chosen now. */
function selectFor(input) {
  const select = document.createElement("select");
  for (const { name, value } of input.attributes) {
    if (!["type", "value", "autocomplete"].includes(name)) select.setAttribute(name, value);
  }
  select.classList.replace("form-control", "form-select");
  select.multiple = "several" in input.dataset;
  if (!select.multiple) select.append(new Option("—", ""));
  const chosen = JSON.parse(input.dataset[CHOSEN]);
  // What was typed and is no choice comes back as it was, with its error beside it.
  const shown = chosen.length || !input.value ? chosen : [[input.value, input.value]];
  for (const [key, label] of shown) select.append(new Option(label, key, true, true));
  input.replaceWith(select);
  return select;
}

/** A draft kept in the browser knows keys alone. */
async function nameOptions(select) {
  const nameless = [...select.options].filter((option) => option.value && option.value === option.text);
  for (const option of nameless) {
    const found = (await ask(select.dataset.choicesUrl, option.value)).find((one) => one.id === option.value);
    if (found) option.text = found.text;
  }
}

async function enhance(select) {
  const remote = select.dataset.choicesUrl;
  if (select.tomselect || (!remote && !select.multiple && select.options.length <= SHORT)) return;
  const TomSelect = await library();
  if (CHOSEN in select.dataset) await nameOptions(select);
  if (select.tomselect) return;
  const focused = document.activeElement === select;
  const chooser = new TomSelect(select, {
    maxOptions: 200,
    create: "open" in select.dataset,
    createOnBlur: "open" in select.dataset,
    plugins: select.multiple ? ["remove_button"] : [],
    allowEmptyOption: !select.multiple,
    valueField: "id",
    labelField: "text",
    searchField: ["text"],
    preload: remote ? "focus" : false,
    load: remote
      ? (query, done) => { ask(remote, query).then(done, () => done()); }
      : null,
    refreshThrottle: 0, // else a quick Enter takes what stood there before the typing
    render: {
      option_create: ({ input }) => {
        const made = document.createElement("div");
        made.className = "create";
        made.textContent = text("makeOption", input);
        return made;
      },
      no_results: () => {
        const none = document.createElement("div");
        none.className = "no-results";
        none.setAttribute("role", "option");
        none.setAttribute("aria-disabled", "true");
        none.textContent = text("nothingFound");
        return none;
      },
    },
    onItemAdd: () => { if (select.multiple) chooser.setTextboxValue(""); }, // what was looked for is found
    onChange: () => select.dispatchEvent(new Event("input", { bubbles: true })),
  });
  if (focused) chooser.focus();
  select.addEventListener("focus", () => chooser.focus());
  // The plain select stays for the form alone; people and screen readers have the search box.
  select.setAttribute("aria-hidden", "true");
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (select.hasAttribute(name)) chooser.control_input.setAttribute(name, select.getAttribute(name));
  }
}

whenever("input[data-choices-url]", (input) => {
  const select = selectFor(input);
  enhance(select).catch(() => select.replaceWith(input));
});

whenever("select.form-select:not([data-plain])", (select) => {
  enhance(select).catch(() => select.removeAttribute("data-choices-url"));
});
