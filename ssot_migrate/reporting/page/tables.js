// Sorting and filtering of what the page shows anyway. Without this script, all of it is there.
"use strict";
(() => {
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  const keyOf = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.key ?? cell.textContent.trim();
  };

  function sort(table, column, header) {
    const descending = header.getAttribute("aria-sort") === "ascending";
    const isNumber = header.dataset.sort === "number";
    const body = table.tBodies[0];
    const keyed = [...body.rows].map((row) => [keyOf(row, column), row]);
    keyed.sort(([a], [b]) => (isNumber ? (parseFloat(a) || 0) - (parseFloat(b) || 0) : collator.compare(a, b)));
    if (descending) keyed.reverse();
    body.append(...keyed.map(([, row]) => row));
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", descending ? "descending" : "ascending");
  }

  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((header, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...header.childNodes);
      button.addEventListener("click", () => sort(table, column, header));
      header.append(button);
    });
  }

  // What a choice looks at: a column of a table, or a named part of an item.
  const valueOf = (item, column) =>
    item.cells ? item.cells[column].textContent : item.querySelector(`[data-value="${column}"]`)?.textContent ?? "";

  function filterable(box) {
    const form = box.querySelector("form");
    const items = [...box.querySelectorAll("tbody tr, .item")];
    const texts = new Map(items.map((item) => [item, item.textContent.toLowerCase()]));
    const search = form.querySelector("input");
    const choices = [...form.querySelectorAll("select")];

    const matches = (item, words) =>
      words.every((word) => texts.get(item).includes(word)) &&
      choices.every(({ value, dataset }) =>
        !value || valueOf(item, dataset.column).split(",").some((part) => part.trim() === value));

    function apply() {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const isNarrowed = words.length > 0 || choices.some((choice) => choice.value);
      let shown = 0;
      for (const item of items) {
        item.hidden = !matches(item, words);
        shown += item.hidden ? 0 : 1;
      }
      for (const group of box.querySelectorAll("details.rule")) {
        group.hidden = !group.querySelector(".item:not([hidden])");
        if (isNarrowed && !group.hidden) group.open = true;
      }
      form.querySelector("output").textContent = isNarrowed
        ? `${shown} of ${items.length} shown` : `${items.length} shown`;
    }

    form.hidden = false;
    form.addEventListener("input", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    apply();
  }

  document.querySelectorAll(".filterable").forEach(filterable);

  // Paper shows what is folded, also where the style sheet alone cannot open it.
  const opened = new Set();
  addEventListener("beforeprint", () => {
    for (const fold of document.querySelectorAll("details:not([open])")) {
      fold.open = true;
      opened.add(fold);
    }
  });
  addEventListener("afterprint", () => {
    opened.forEach((fold) => { fold.open = false; });
    opened.clear();
  });
})();
