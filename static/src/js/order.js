// A list that is put into an order by hand: by drag, or by the buttons of each row.

import { whenever } from "./page.js";

whenever("[data-order-form]", (form) => {
  const list = form.querySelector("[data-order]");
  const save = form.querySelector("[data-order-save]");
  const moved = () => {
    save.hidden = false;
  };
  import("../../vendor/sortablejs/sortable.esm.js").then(({ default: Sortable }) => {
    Sortable.create(list, { handle: ".handle", animation: 120, onUpdate: moved });
  });
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    const item = button.closest("li");
    const beside = button.dataset.move === "up" ? item.previousElementSibling : item.nextElementSibling;
    if (!beside) return;
    if (button.dataset.move === "up") beside.before(item);
    else beside.after(item);
    button.focus();
    moved();
  });
});
