// Long and remote choice lists become searchable (Tom Select); short ones stay plain selects.

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

async function enhance(select) {
  const remote = select.dataset.choicesUrl;
  if (!remote && !select.multiple && select.options.length <= SHORT) return;
  const TomSelect = await library();
  const focused = document.activeElement === select;
  const chooser = new TomSelect(select, {
    maxOptions: 200,
    plugins: select.multiple ? ["remove_button"] : [],
    allowEmptyOption: !select.multiple,
    valueField: "id",
    labelField: "text",
    searchField: ["text"],
    preload: remote ? "focus" : false,
    load: remote
      ? (query, done) => {
        const url = new URL(remote, location.href);
        url.searchParams.set("q", query);
        fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" })
          .then((response) => (response.ok ? response.json() : { results: [] }))
          .then((answer) => done(answer.results), () => done());
      }
      : null,
    refreshThrottle: 0, // else a quick Enter takes what stood there before the typing
    render: {
      no_results: () => {
        const none = document.createElement("div");
        none.className = "no-results";
        none.setAttribute("role", "option");
        none.setAttribute("aria-disabled", "true");
        none.textContent = text("nothingFound");
        return none;
      },
    },
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

whenever("select.form-select:not([data-plain])", (select) => {
  enhance(select).catch(() => select.removeAttribute("data-choices-url"));
});
