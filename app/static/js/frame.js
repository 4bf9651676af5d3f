// The frame of each page: pop-ups that close, the phone's menu, "/" for search, printing, toasts.
const toasts = document.querySelector("#toasts");
const texts = toasts.dataset;

function toast(text) {
  const box = document.createElement("div");
  box.className = "x-toast";
  const words = document.createElement("span");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = texts.close;
  close.addEventListener("click", () => box.remove());
  box.append(words, close);
  toasts.replaceChildren(box);
}

document.addEventListener("yuqi:toast", (event) => toast(event.detail));

// Pop-ups are <details>: they open without a script; the script closes them as people expect.
document.addEventListener("click", (event) => {
  for (const popup of document.querySelectorAll("[data-popup][open]")) {
    if (!popup.contains(event.target)) popup.open = false;
  }
});

function closeMenu() {
  const menu = document.querySelector("#nav");
  if (!menu?.matches(":target")) return false;
  location.hash = "main";
  document.querySelector("[data-menu-open]")?.focus();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const popup = document.querySelector("[data-popup][open]");
    if (popup) {
      popup.open = false;
      popup.querySelector("summary").focus();
    } else {
      closeMenu();
    }
  }
  const typing = event.target.matches?.("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const search = document.querySelector("[data-slash]");
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  }
});

// The menu's button opens it, and closes it again when it is open.
document.querySelector("[data-menu-open]")?.addEventListener("click", (event) => {
  if (document.querySelector("#nav")?.matches(":target")) {
    event.preventDefault();
    closeMenu();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// A failed refresh leaves the page as it is; the person must know that it is not fresh.
document.addEventListener("htmx:after:swap", (event) => {
  if ((event.detail?.ctx?.response?.status ?? 200) < 400) toasts.replaceChildren();
});
document.addEventListener("htmx:error", () => toast(texts.failed));
document.addEventListener("htmx:response:error", (event) => {
  if (event.detail?.ctx?.response?.status !== 422) toast(texts.refused);
});

// What was refused has not happened: its address does not go into the history either.
document.addEventListener("htmx:before:history:update", (event) => {
  if ((event.detail?.response?.status ?? 0) >= 400) event.preventDefault();
});

// The errors' summary takes the focus, so that a screen reader reads it first.
document.querySelector("[data-focus]")?.focus();
