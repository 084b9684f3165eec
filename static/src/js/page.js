// What every module needs of the page: sentences, the form token, cookies, the quiet voice.

const strings = document.getElementById("strings");

/** The sentence `key` of shell/_strings.html, with %s filled in. */
export function text(key, value = "") {
  return (strings?.dataset[key] ?? "").replace("%s", value);
}

export function setCookie(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; SameSite=Lax${secure}`;
}

function cookie(name) {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

/** The token that goes with every write; the cookie is fresher than the page after signing in elsewhere. */
export function csrfToken() {
  return cookie("csrftoken") || document.querySelector("meta[name=csrf-token]")?.content || "";
}

/** POST `data` (an object or FormData) and give the response. */
export function post(url, data) {
  const body = data instanceof FormData ? data : new URLSearchParams(data);
  return fetch(url, {
    method: "POST",
    body,
    headers: { "X-CSRFToken": csrfToken(), "X-Requested-With": "fetch" },
    credentials: "same-origin",
  });
}

/** Say something to screen readers only. */
export function announce(sentence) {
  const live = document.getElementById("live");
  if (!live) return;
  live.textContent = "";
  setTimeout(() => { live.textContent = sentence; }, 50);
}

/** The page of a table row: where its title leads. */
export function rowUrl(row) {
  return row.querySelector(".row-title a")?.getAttribute("href") ?? "";
}

/** Is the person typing, so that single letters are letters? */
export function isTyping(event) {
  const target = event.target;
  return event.ctrlKey || event.metaKey || event.altKey || target.isContentEditable
    || (target.matches?.("input, select, textarea, [role=combobox]")
      && !target.matches("input[type=checkbox], input[type=radio], input[type=button], input[type=submit]"));
}

/** Run `start(element)` for what matches now and in every later swap. */
export function whenever(selector, start) {
  const seen = new WeakSet();
  const scan = (root) => {
    const found = root.matches?.(selector) ? [root] : [];
    for (const element of [...found, ...root.querySelectorAll(selector)]) {
      if (!seen.has(element)) {
        seen.add(element);
        start(element);
      }
    }
  };
  scan(document);
  document.addEventListener("htmx:load", (event) => scan(event.detail.elt));
}

/** Ask with the page's own dialog; resolves to true or false. */
export function confirmed(question, yes = "") {
  const dialog = document.getElementById("confirm");
  document.getElementById("confirm-text").textContent = question;
  const button = document.getElementById("confirm-yes");
  button.dataset.usual ??= button.textContent;
  button.textContent = yes || button.dataset.usual;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/** An icon of the sprite, for what scripts draw. */
export function icon(name) {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(ns, "use");
  use.setAttribute("href", `${text("sprite")}#${name}`);
  svg.append(use);
  return svg;
}
