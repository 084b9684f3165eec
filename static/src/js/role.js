// The matrix of a role: set rows and columns at once, show what differs from what is saved, add rules.

const matrix = document.querySelector("[data-role-matrix]");
const cells = [...(matrix?.querySelectorAll("[data-cell]") ?? [])];
const said = matrix?.querySelector("[data-role-changes]");
const chosen = (cell) => cell.querySelector("select");

function mark() {
  let changed = 0;
  for (const cell of cells) {
    const select = chosen(cell);
    const differs = select.value !== select.dataset.saved;
    cell.classList.toggle("is-changed", differs);
    cell.dataset.scope = select.value;
    changed += differs ? 1 : 0;
  }
  if (!changed) said.textContent = "";
  else said.textContent = changed === 1 ? said.dataset.one : said.dataset.many.replace("%s", changed);
}

/** Give `scope` to these cells and let the chooser say "set …" again. */
function fill(chooser, wanted) {
  if (!chooser.value) return;
  for (const cell of wanted) chosen(cell).value = chooser.value;
  chooser.value = "";
}

matrix?.addEventListener("change", (event) => {
  const chooser = event.target;
  if ("setRow" in chooser.dataset) fill(chooser, chooser.closest("tr").querySelectorAll("[data-cell]"));
  if ("setColumn" in chooser.dataset) {
    const at = Number(chooser.dataset.setColumn);
    const rows = matrix.querySelectorAll("tbody tr");
    fill(chooser, [...rows].map((row) => row.querySelectorAll("[data-cell]")[at]));
  }
  mark();
});
if (matrix) mark();

// A line for one more rule appears as soon as the last one is used.
document.addEventListener("change", (event) => {
  const line = event.target.closest("[data-new-rule]");
  if (!line || line.nextElementSibling || !line.querySelector("select").value) return;
  const next = line.cloneNode(true);
  next.querySelector("select").value = "";
  line.after(next);
});
