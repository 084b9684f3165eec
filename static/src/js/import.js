// The columns of a file: of the options of a column those are shown that are of use for the chosen field.

document.querySelector("main")?.addEventListener("change", (event) => {
  const chosen = event.target.selectedOptions?.[0];
  const options = event.target.closest(".map-choice")?.querySelector("[data-options]");
  if (!options || chosen?.dataset.useful === undefined) return;
  const useful = chosen.dataset.useful.split(" ").filter(Boolean);
  options.hidden = useful.length === 0;
  for (const one of options.querySelectorAll("[data-option]")) {
    one.hidden = !useful.includes(one.dataset.option);
  }
});
