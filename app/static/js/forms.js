// Forms: a warning before unsaved text is left, drafts kept in this browser, names of chosen files, one submit a form.
const texts = document.querySelector("#toasts").dataset;

function say(text) {
  document.dispatchEvent(new CustomEvent("yuqi:toast", { detail: text }));
}

// ---- unsaved text: only a real change counts, and sending the form is not leaving
const dirty = new Set();
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-guard]");
  if (form) dirty.add(form);
});
document.addEventListener("submit", (event) => dirty.delete(event.target));
window.addEventListener("beforeunload", (event) => {
  if (dirty.size === 0) return;
  event.preventDefault();
  event.returnValue = texts.unsaved;
});

// ---- the same form is not sent twice; coming back with the Back button frees it again
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (event.target.dataset.sent) {
    event.preventDefault();
    return;
  }
  event.target.dataset.sent = "yes";
  setTimeout(() => delete event.target.dataset.sent, 4000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// ---- what does not go through is put back; most pages have no form for it and do without, unless a form led here: then
// it went through and is forgotten
function isKept() {
  try {
    return sessionStorage.getItem("yuqi-unsent") !== null;
  } catch {
    return false;
  }
}
if (document.querySelector("form.x-form:not(#assess-form), #typed") || location.pathname.startsWith("/sign-in") || isKept()) {
  import(texts.unsentScript);
}

// ---- drafts: never passwords, files or tokens
const KEPT = "input:not([type=hidden]):not([type=password]):not([type=file]), textarea, select";

function fieldsOf(form) {
  return [...form.querySelectorAll(KEPT)].filter((field) => field.name);
}

function read(form) {
  const values = {};
  for (const field of fieldsOf(form)) {
    if (field.matches("[type=radio], [type=checkbox]")) {
      values[field.name] ??= [];
      if (field.checked) values[field.name].push(field.value);
    } else {
      values[field.name] = field.value;
    }
  }
  return values;
}

function fill(form, values) {
  for (const field of fieldsOf(form)) {
    const value = values[field.name];
    if (value === undefined) continue;
    if (field.matches("[type=radio], [type=checkbox]")) field.checked = value.includes(field.value);
    else field.value = value;
  }
}

function show(form, text, failed = false) {
  const mark = form.querySelector("[data-autosave-state]");
  if (!mark) return;
  mark.hidden = false;
  mark.classList.toggle("x-saved--failed", failed);
  const time = new Date().toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" });
  mark.querySelector("span").textContent = failed ? text : `${text} ${time}`;
}

function keepDrafts(form) {
  const key = `yuqi-draft:${form.dataset.autosave}`;
  const asSent = JSON.stringify(read(form));
  const isRefused = form.querySelector(".x-field--error") !== null;
  let ground = asSent; // what the server holds: a draft over an older state is not laid over a newer one
  let waiting;
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "null");
    if (kept && isRefused) {
      ground = kept.ground; // the page shows what was refused, the server still holds what was there before
    } else if (kept && kept.ground !== asSent) {
      localStorage.removeItem(key);
    } else if (kept && JSON.stringify(kept.values) !== asSent) {
      fill(form, kept.values);
      say(texts.draftFound);
      show(form, texts.draftFound);
    }
  } catch {
    show(form, texts.draftFailed, true);
  }
  const save = () => {
    try {
      localStorage.setItem(key, JSON.stringify({ ground, values: read(form) }));
      show(form, texts.draftSaved);
    } catch {
      show(form, texts.draftFailed, true);
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(save, 600);
  });
  form.addEventListener("submit", () => {
    clearTimeout(waiting);
    save(); // kept until the server shows the new state; then the grounds differ and the draft is dropped
  });
}

for (const form of document.querySelectorAll("form[data-autosave]")) keepDrafts(form);

// ---- files: the names that were chosen
document.addEventListener("change", (event) => {
  const names = event.target.closest("[data-drop]")?.querySelector("[data-file-names]");
  if (!names || event.target.type !== "file") return;
  const size = (bytes) => (bytes < 1048576 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`);
  names.textContent = [...event.target.files].map((file) => `${file.name} (${size(file.size)})`).join(", ");
});
for (const kind of ["dragenter", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    event.target.closest?.("[data-drop]")?.classList.toggle("x-drop--over", kind === "dragenter");
  });
}
