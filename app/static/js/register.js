// A register (awards, standards, honours) as rows of fields. The text behind it stays the answer: without a script it is
// typed a line an item, columns divided by “；”, and what cannot be shown as rows stays to be edited as text.
const words = document.querySelector("#register-words")?.dataset;

function rowsOf(text, width) {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  if (lines.length === 1 && lines[0] === words.none) return [];
  const rows = lines.map((line) => line.split(/[;；]/).map((cell) => cell.trim()));
  return rows.some((row) => row.length > width) || lines.includes(words.none) ? null : rows;
}

function made(tag, values, inside = "") {
  const one = Object.assign(document.createElement(tag), values);
  if (inside) one.append(inside);
  return one;
}

function register(area) {
  const columns = JSON.parse(area.dataset.columns);
  const name = area.closest("[data-ask]").querySelector(".x-ask__name").firstChild.textContent.trim();
  const id = area.id;
  const label = area.closest("[data-ask]").querySelector("label.x-ask__name");
  const box = made("div", { className: "x-register", tabIndex: -1 });
  const list = box.appendChild(made("div", { className: "x-register__rows" }));
  const bar = box.appendChild(made("div", { className: "x-register__bar" }));
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", name);
  area.before(box);

  // links lead to the name of the field: it belongs to what is shown
  function show(isRows) {
    box.hidden = !isRows;
    area.hidden = isRows;
    box.id = isRows ? id : `${id}-rows`;
    area.id = isRows ? `${id}-text` : id;
    label.htmlFor = area.id;
    area.closest("[data-ask]").querySelector("[data-lines]").hidden = isRows;
  }

  function control(column, text) {
    if (!column.options) return made("input", { className: "x-input", value: text, autocomplete: "off" });
    const choice = made("select", { className: "x-select" });
    const known = column.options.includes(text) || text === "" ? column.options : [...column.options, text];
    for (const option of ["", ...known]) choice.append(made("option", { value: option, selected: option === text }, option || words.choose));
    return choice;
  }

  function row(cells) {
    const item = made("div", { className: "x-register__row" });
    columns.forEach((column, at) => {
      const label = item.appendChild(made("label", {}, made("span", {}, column.label)));
      const one = label.appendChild(control(column, cells[at] ?? ""));
      one.disabled = area.disabled;
      if (column.kind === "date") one.placeholder = "2025-03-01";
      if (column.kind === "whole") one.inputMode = "numeric";
    });
    const gone = item.appendChild(button(words.remove, () => {
      item.remove();
      number();
      said();
      add.focus();
    }));
    gone.hidden = area.disabled;
    list.append(item);
  }

  function button(text, then) {
    const one = made("button", { type: "button", className: "x-btn x-btn--plain x-btn--s" }, text);
    one.addEventListener("click", then);
    return one;
  }

  // what a row is called when it is read out
  function number() {
    [...list.children].forEach((item, at) => {
      item.setAttribute("role", "group");
      item.setAttribute("aria-label", words.item.replace("{n}", at + 1));
    });
    nothing.closest("label").hidden = list.children.length > 0;
  }

  // the rows become the text that is kept; a divider within a field would begin another column
  function said() {
    const lines = [...list.children].map((item) =>
      [...item.querySelectorAll("input, select")].map((one) => one.value.trim().replaceAll(/[;；]/g, "，")).join("；").replace(/；+$/, ""),
    );
    const text = lines.filter(Boolean).join("\n");
    area.value = text || (nothing.checked ? words.none : "");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function shown(rows) {
    list.replaceChildren();
    for (const cells of rows) row(cells);
    nothing.checked = area.value.trim() === words.none;
    number();
  }

  function read() {
    const rows = rowsOf(area.value, columns.length);
    show(rows !== null);
    if (rows) shown(rows);
  }

  const add = bar.appendChild(button(words.add, () => {
    row([]);
    number();
    list.lastChild.querySelector("input, select").focus();
  }));
  const none = bar.appendChild(made("label", { className: "x-check" }));
  const nothing = none.appendChild(made("input", { type: "checkbox", disabled: area.disabled }));
  none.append(made("span", {}, words.nothing));
  const byText = bar.appendChild(button(words.byText, () => {
    show(false);
    area.focus();
  }));
  for (const one of [add, byText]) one.hidden = area.disabled;
  for (const kind of ["input", "change"]) box.addEventListener(kind, said);
  area.addEventListener("written", read);
  read();
}

if (words) for (const area of document.querySelectorAll("textarea[data-columns]")) register(area);
