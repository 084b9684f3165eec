// Addresses in forms: order and names of the pieces follow the country, a postcode of an odd shape gets a hint.

import { icon, whenever } from "./page.js";

const formats = new Map();

/** How a country writes addresses, asked once; null where nothing is known. */
function format(url, country) {
  if (!country) return Promise.resolve(null);
  const address = `${url}${encodeURIComponent(country)}/`;
  if (!formats.has(address)) {
    formats.set(address, fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" })
      .then((answer) => (answer.ok ? answer.json() : null), () => null));
  }
  return formats.get(address);
}

whenever("[data-formats-url] [data-formset-row]", (row) => {
  const url = row.closest("[data-formats-url]").dataset.formatsUrl;
  const control = (key) => row.querySelector(`[name$="-${key}"]`);
  const field = (key) => control(key)?.closest(".field");
  const country = control("country");
  if (!country || !field("street")) return;
  const words = (key) => field(key).querySelector(".field-label").firstChild;
  const neutral = Object.fromEntries(["street", "postcode", "city", "region"].map((key) => [key, words(key).data]));
  let known = null;
  let asked = 0;

  // The country decides about the others, so it stands before them.
  field("street").before(field("country"));

  function hint() {
    const place = field("postcode");
    const input = control("postcode");
    const id = `${input.id}_hint`;
    const typed = input.value.trim();
    const odd = typed && known?.postcode.pattern && !new RegExp(`^(?:${known.postcode.pattern})$`, "i").test(typed);
    let note = document.getElementById(id);
    if (!odd || !known.postcode.hint) {
      note?.remove();
      if (input.getAttribute("aria-describedby") === id) input.removeAttribute("aria-describedby");
      return;
    }
    if (!note) {
      note = document.createElement("div");
      note.className = "field-hint";
      note.id = id;
      note.setAttribute("role", "status");
      place.append(note);
      if (!input.hasAttribute("aria-describedby")) input.setAttribute("aria-describedby", id);
    }
    note.replaceChildren(icon("info"), known.postcode.hint);
  }

  async function follow() {
    const turn = ++asked;
    const found = await format(url, country.value);
    if (turn !== asked) return;
    known = found;
    const order = known?.order ?? Object.keys(neutral);
    let last = field("country");
    for (const key of order) {
      const one = field(key);
      if (last.nextElementSibling !== one) last.after(one);
      last = one;
      words(key).data = known?.labels[key] ?? neutral[key];
    }
    hint();
  }

  country.addEventListener("change", follow);
  country.addEventListener("input", follow);
  control("postcode").addEventListener("change", hint);
  if (country.value) follow();
});
