// Rows that can be chosen, and what is said after a live filter.
function refresh(form) {
  const rows = [...form.querySelectorAll("[data-select-one]")];
  const chosen = rows.filter((box) => box.checked);
  for (const box of rows) box.closest("tr")?.classList.toggle("x-chosen", box.checked);
  const bar = form.querySelector("[data-bulk]");
  if (bar) {
    bar.hidden = chosen.length === 0;
    bar.querySelector("[data-bulk-count]").textContent = chosen.length;
  }
  const all = form.querySelector("[data-select-all]");
  if (all) {
    all.checked = rows.length > 0 && chosen.length === rows.length;
    all.indeterminate = chosen.length > 0 && chosen.length < rows.length;
  }
}

function refreshAll() {
  for (const form of document.querySelectorAll("[data-select]")) refresh(form);
}

function chooseAll(form, chosen) {
  for (const box of form.querySelectorAll("[data-select-one]")) box.checked = chosen;
  refresh(form);
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-select]");
  if (!form) return;
  if (event.target.matches("[data-select-all]")) chooseAll(form, event.target.checked);
  else if (event.target.matches("[data-select-one]")) refresh(form);
});

document.addEventListener("click", (event) => {
  const clear = event.target.closest("[data-bulk-clear]");
  if (!clear) return;
  const form = clear.closest("[data-select]");
  chooseAll(form, false);
  form.querySelector("[data-select-all]")?.focus();
});

// A table wider than its place is scrolled with the keyboard too, also where the browser does not see to it.
function reachScrolling() {
  for (const box of document.querySelectorAll(".x-scroll")) {
    const isWider = box.scrollWidth > box.clientWidth;
    box.toggleAttribute("tabindex", isWider);
    if (!isWider) continue;
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", box.querySelector("caption")?.textContent.trim() || document.title);
  }
}

// j and k walk down and up the rows of a table that asks for it, x chooses the row; Enter opens, as on any link.
function walk(step) {
  const links = [...document.querySelectorAll("[data-walk] tbody th[scope=row] a")];
  const here = links.indexOf(document.activeElement?.closest("tr")?.querySelector("th[scope=row] a"));
  const next = links[here < 0 ? (step > 0 ? 0 : links.length - 1) : here + step];
  next?.focus();
  next?.closest("tr").scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  if (!document.querySelector("[data-walk]")) return;
  if (event.key === "j") walk(1);
  else if (event.key === "k") walk(-1);
  else if (event.key === "x") document.activeElement?.closest("[data-walk] tr")?.querySelector("[data-select-one]")?.click();
  else return;
  event.preventDefault();
});

// One standing live region: regions that arrive with their text already in them are not read out.
const speaker = document.createElement("p");
speaker.className = "visually-hidden";
speaker.setAttribute("role", "status");
document.body.append(speaker);

document.addEventListener("htmx:after:swap", (event) => {
  if ((event.detail?.ctx?.response?.status ?? 200) >= 400) return; // nothing was put in
  refreshAll();
  reachScrolling();
  speaker.textContent = document.querySelector("[data-announce]")?.dataset.announce ?? "";
});

// Empty filters stay out of the address.
document.addEventListener("htmx:config:request", (event) => {
  const request = event.detail?.ctx?.request;
  if (request?.method?.toUpperCase() !== "GET" || !(request.body instanceof FormData)) return;
  for (const [name, value] of [...request.body.entries()]) if (value === "") request.body.delete(name);
});

window.addEventListener("pageshow", refreshAll);
window.addEventListener("resize", reachScrolling);
refreshAll();
reachScrolling();
