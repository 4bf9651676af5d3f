// The search box in the head: hits under it while one types, arrows to go through them, what was searched of late.
// Recent searches stay in this browser; the server never learns of them.
const KEY = "yuqi-recent-searches";
const MOST = 8;
const form = document.querySelector("[data-search]");
const box = form?.querySelector("input");
const list = document.querySelector("#suggestions");

function recent() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}

function remember(text) {
  if (!text) return;
  try {
    localStorage.setItem(KEY, JSON.stringify([text, ...recent().filter((one) => one !== text)].slice(0, MOST)));
  } catch {
    // a browser that keeps nothing still searches
  }
}

function show() {
  list.hidden = list.children.length === 0;
}

function showRecent() {
  const kept = recent();
  list.replaceChildren();
  if (kept.length) {
    const head = document.createElement("p");
    head.className = "x-suggestions__head";
    head.textContent = list.dataset.recent;
    const forget = document.createElement("button");
    forget.type = "button";
    forget.textContent = list.dataset.forget;
    forget.addEventListener("click", () => {
      localStorage.removeItem(KEY);
      showRecent();
      box.focus();
    });
    head.append(forget);
    const items = document.createElement("ul");
    items.className = "x-list";
    for (const text of kept) {
      const link = document.createElement("a");
      link.href = `${form.action}?q=${encodeURIComponent(text)}`;
      link.textContent = text;
      const item = document.createElement("li");
      item.append(link);
      items.append(item);
    }
    list.append(head, items);
  }
  show();
}

function step(event) {
  const links = [...list.querySelectorAll("a")];
  if (list.hidden || links.length === 0) return;
  const here = links.indexOf(document.activeElement);
  const next = event.key === "ArrowDown" ? here + 1 : here - 1;
  event.preventDefault();
  if (next < 0) box.focus();
  else links[Math.min(next, links.length - 1)].focus();
}

if (form && list) {
  const frame = form.parentElement;
  const asked = new URLSearchParams(location.search).get("q") ?? "";
  if (location.pathname === new URL(form.action).pathname) remember(asked.trim());
  box.addEventListener("focus", () => (box.value.trim() ? show() : showRecent()));
  box.addEventListener("input", () => {
    if (!box.value.trim()) showRecent();
  });
  form.addEventListener("submit", () => remember(box.value.trim()));
  list.addEventListener("click", (event) => {
    if (event.target.closest("a")) remember(box.value.trim());
  });
  list.addEventListener("htmx:after:swap", () => (box.value.trim() ? show() : showRecent()));
  frame.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event);
    if (event.key === "Escape") {
      list.hidden = true;
      box.focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (!frame.contains(event.target)) list.hidden = true;
  });
  frame.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !frame.contains(event.relatedTarget)) list.hidden = true;
  });
}
