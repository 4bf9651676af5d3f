// Evidence beside a field in a dialog: the page of the answer's evidence is fetched and shown where one is; its forms
// are sent from there. Without a script, or where something is odd, the page itself opens.
const dialog = document.querySelector("#papers");
const body = dialog?.querySelector("[data-body]");
let opener; // the paragraph whose link opened the dialog

async function show(url, options = {}) {
  body.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, options);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector("#evidence");
    if (!found) return location.assign(options.method ? body.dataset.address : url); // signed out, or gone
    const told = [...page.querySelectorAll("main > [role=status]")];
    body.replaceChildren(...[...told, found].map((one) => document.importNode(one, true)));
    body.dataset.address = answer.url;
    const now = body.querySelector("[data-now] .x-papers");
    if (now && opener) opener.replaceChildren(...now.childNodes);
    if (options.method) document.dispatchEvent(new CustomEvent("yuqi:evidence"));
    (body.querySelector("[data-focus]") ?? dialog.querySelector("h2")).focus();
  } catch {
    body.querySelector("[data-lost]")?.remove();
    const lost = body.appendChild(document.createElement("p"));
    lost.className = "x-error";
    lost.dataset.lost = "";
    lost.setAttribute("role", "alert");
    lost.textContent = dialog.dataset.lost;
  } finally {
    body.removeAttribute("aria-busy");
  }
}

function shut() {
  if (body.querySelector("[data-transfer][data-busy]")) {
    dialog.querySelector("[data-told]").textContent = dialog.dataset.busy; // what is on its way is not cut off
    return;
  }
  dialog.close();
}

if (dialog?.showModal) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".x-papers a");
    if (!link || dialog.contains(link) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    opener = link.closest(".x-papers");
    const name = link.querySelector(".visually-hidden").textContent.trim();
    dialog.querySelector("h2").textContent = dialog.dataset.title.replace("{name}", name);
    dialog.querySelector("[data-told]").textContent = "";
    body.replaceChildren();
    dialog.showModal();
    show(link.href);
  });
  dialog.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    show(event.target.action, { method: "POST", body: new FormData(event.target) });
  });
  dialog.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const leads = link && !link.hasAttribute("download") && new URL(link.href).pathname === location.pathname;
    if (!leads && !event.target.closest("[data-close]")) return;
    event.preventDefault();
    shut();
  });
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    shut();
  });
  dialog.addEventListener("close", () => opener?.querySelector("a")?.focus());
}
