// Pages without the shell: show a password, don't send twice, put the focus where the errors are.

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-action=show-password]");
  if (button) {
    const input = document.getElementById(button.getAttribute("aria-controls"));
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  }
  if (event.target.closest("[data-action=reload]")) location.reload();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

const first = document.querySelector("[data-error-summary], [aria-invalid=true]")
  ?? document.querySelector("[data-autofocus] input:not([type=hidden])");
first?.focus();
