// What was typed in a form that did not go through (an error page, a session that had ended, a lost line): told with
// its labels on the error page, and put back when the person returns to the form. Kept in this tab only, never secrets.
const KEY = "yuqi-unsent";
const HOUR = 3600000;
const FIELDS = "input:not([type=hidden]):not([type=password]):not([type=file]), textarea, select";
const SECRET = /token|password|secret|code/;
const here = location.pathname + location.search;
const texts = document.querySelector("#toasts").dataset;

const isDoor = (url) => new URL(url).pathname.startsWith("/sign-in");
const isTick = (one) => one.matches("[type=radio], [type=checkbox]");
const fieldsOf = (form) => [...form.elements].filter((one) => one.name && one.matches(FIELDS) && !SECRET.test(one.name));

function labelOf(one) {
  const legend = isTick(one) && one.closest("fieldset")?.querySelector("legend");
  const label = legend || one.labels?.[0];
  const words = [...(label?.childNodes ?? [])].filter((part) => part.nodeType === 3 || part.matches?.("span:not([aria-hidden])"));
  return words.map((part) => part.textContent).join("").trim() || one.getAttribute("aria-label") || "";
}

function shown(one) {
  if (isTick(one)) return one.labels?.[0]?.textContent.trim() ?? one.value;
  return one.matches("select") ? [...one.selectedOptions].map((option) => option.textContent.trim()).join(" ") : one.value;
}

function read() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    return kept && Date.now() - kept.at < HOUR ? kept : null;
  } catch {
    return null;
  }
}

function keep(kept) {
  try {
    if (kept) sessionStorage.setItem(KEY, JSON.stringify(kept));
    else sessionStorage.removeItem(KEY);
  } catch {
    // no room in this browser: the error page shows what the server was sent
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.matches("[data-autosave], #assess-form")) return;
  if (isDoor(form.action)) return;
  const fields = fieldsOf(form).map((one) => ({
    name: one.name,
    value: one.value,
    on: isTick(one) ? one.checked : undefined,
    label: labelOf(one),
    text: shown(one),
  }));
  if (fields.some((one) => one.on === undefined && one.value.trim())) {
    keep({ at: Date.now(), page: here, action: form.action, fields });
  }
});

function tell(kept, place) {
  const list = place.querySelector("ul");
  list.replaceChildren();
  for (const one of kept.fields) {
    if (one.on === false || !one.text.trim()) continue;
    const row = list.appendChild(document.createElement("li"));
    const name = row.appendChild(document.createElement("b"));
    name.textContent = one.label;
    row.append(document.createElement("br"), one.text);
  }
  place.querySelector("[data-how]").textContent = place.dataset.back;
  place.hidden = list.childElementCount === 0;
}

function putBack(kept) {
  const form = [...document.querySelectorAll("form")].find((one) => one.method === "post" && one.action === kept.action);
  if (!form) return;
  let changed = false;
  for (const one of kept.fields) {
    for (const field of fieldsOf(form)) {
      if (field.name !== one.name || field.disabled) continue;
      if (one.on !== undefined) {
        if (field.value !== one.value || field.checked === one.on) continue;
        field.checked = one.on;
        changed = true;
      } else if (field.value !== one.value) {
        field.value = one.value;
        changed = true;
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }
  }
  if (changed) document.dispatchEvent(new CustomEvent("yuqi:toast", { detail: texts.unsent }));
}

const kept = read();
if (kept) {
  const place = document.querySelector("#typed");
  const came = performance.getEntriesByType("navigation")[0]?.type;
  if (place || isDoor(location.href)) {
    keep({ ...kept, failed: true });
    if (place) tell(kept, place);
  } else if (kept.page === here) {
    if (kept.failed || came !== "navigate") putBack(kept); // back from the browser's own error page
    keep(null);
  } else if (!kept.failed) {
    keep(null);
  }
}
