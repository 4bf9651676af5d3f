// The form of a self-assessment: every field saves itself, says so, and says loudly when it could not; nothing typed is lost.
const about = document.querySelector("#assess")?.dataset;
const form = document.querySelector("#assess-form");
if (about && form) {
  const SOON = 700;
  const AGAIN = 5000;
  const LOOK = 8000;
  const ASKS = { "HX-Request": "true", Accept: "application/json" };
  const trouble = document.querySelector("#trouble");
  const sign = document.querySelector("#sign-again");
  const saved = document.querySelector("#saved");
  const waiting = new Map(); // name → text that the server does not have yet
  const clashes = new Set(); // names where somebody else was faster: a person chooses
  const known = new Map(); // name → text as the server has it
  const refused = new Map(); // name → text that the server will not keep: it is not sent again as it is
  let alone = false; // after a refusal fields go one by one, so that one text holds up no other
  let revision = Number(about.revision);
  let timer;
  let busy = false;
  let leaving = false; // the page is left once everything is saved

  const field = (name) => form.elements.namedItem(name);
  const seen = (name) => form.elements.namedItem(`seen-${name}`);
  // a field is one control, or several cards of one name: radio cards have one value, ticked cards a line each
  const cards = (one) => (one instanceof RadioNodeList ? [...one] : one.closest("[data-several]") ? [one] : null);
  const first = (one) => cards(one)?.[0] ?? one;
  const read = (one) => {
    if (cards(one)) return cards(one).filter((card) => card.checked).map((card) => card.value).join("\n");
    return one.type === "checkbox" ? (one.checked ? one.value : "") : one.value;
  };
  const write = (one, text) => {
    const lines = text.split("\n");
    if (cards(one)) {
      for (const line of lines) if (line && !cards(one).some((card) => card.value === line)) another(cards(one).at(-1), line);
      for (const card of cards(field(first(one).name))) card.checked = card.type === "radio" ? card.value === text : lines.includes(card.value);
    } else if (one.type === "checkbox") one.checked = text === one.value;
    else one.value = text;
    first(one).dispatchEvent(new Event("written"));
  };
  // what others wrote and is none of the options gets a card of its own, so that ticking another does not drop it
  function another(last, text) {
    const made = last.closest("label").cloneNode(true);
    made.querySelector("input").value = text;
    made.querySelector("span").textContent = text;
    last.closest("label").before(made);
  }
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name] ?? "");
  const ask = (one) => first(one).closest("[data-ask]");

  // ---- what is kept in this browser until the server has it
  function keep() {
    const kept = Object.fromEntries([...waiting].map(([name, text]) => [name, { text, seen: seen(name).value }]));
    try {
      if (waiting.size) localStorage.setItem(about.key, JSON.stringify(kept));
      else localStorage.removeItem(about.key);
    } catch {
      if (waiting.size) fail(about.local);
    }
  }

  function fail(text, signIn = false) {
    leaving = false;
    trouble.querySelector("[data-trouble]").textContent = text;
    trouble.hidden = false;
    sign.hidden = !signIn;
    saved.classList.add("x-saved--failed");
    tell(say(about.waiting, { n: waiting.size }));
  }

  function fine() {
    trouble.hidden = true;
    sign.hidden = true;
    saved.classList.remove("x-saved--failed");
  }

  function tell(text) {
    saved.querySelector("span").textContent = text;
  }

  // ---- saving
  function changed(name) {
    waiting.set(name, read(field(name)));
    keep();
    clearTimeout(timer);
    timer = setTimeout(send, SOON);
  }

  async function send() {
    clearTimeout(timer);
    const going = [...waiting].filter(([name, text]) => !clashes.has(name) && refused.get(name) !== text);
    if (alone) going.splice(1);
    if (busy || going.length === 0) return;
    busy = true;
    tell(about.saving);
    const body = new FormData();
    body.set("csrf_token", form.elements.csrf_token.value);
    for (const [name, text] of going) {
      body.append("name", name);
      body.append("text", text);
      body.append("seen", seen(name).value);
    }
    try {
      const answer = await fetch(about.save, { method: "POST", body, headers: ASKS });
      await take(answer, going);
    } catch {
      fail(about.network);
      timer = setTimeout(send, AGAIN);
    } finally {
      busy = false;
    }
  }

  async function take(answer, going) {
    const isJson = answer.headers.get("Content-Type")?.includes("json");
    if (answer.ok && isJson) {
      done(await answer.json(), new Map(going));
    } else if (answer.status === 401 || answer.status === 400) {
      fail(about.expired, true); // the session ended, or another began: its token is not ours
    } else if (answer.status === 409 || answer.status === 404) {
      fail(isJson ? (await answer.json()).message : about.closed);
    } else if (isJson && answer.status < 500) {
      refuse(going, (await answer.json()).message);
    } else {
      fail(isJson ? (await answer.json()).message : about.server);
      timer = setTimeout(send, AGAIN);
    }
  }

  function refuse(going, why) {
    alone = true;
    if (going.length === 1) {
      const [[name, text]] = going;
      refused.set(name, text);
      const what = ask(field(name))?.querySelector(".x-ask__name")?.firstChild.textContent.trim();
      fail(say(about.refused, { why: what ? `${what}：${why}` : why }));
    }
    timer = setTimeout(send, 0);
  }

  function done(answer, sent) {
    alone = [...refused].some(([name, text]) => waiting.get(name) === text);
    if (!alone) fine();
    let at = "";
    for (const one of answer.fields) {
      if (!one.mine) {
        clash(one);
        continue;
      }
      at = one.at;
      seen(one.name).value = one.version;
      known.set(one.name, one.text);
      if (waiting.get(one.name) === sent.get(one.name)) waiting.delete(one.name);
      if (one.name.startsWith("value-")) told(one.name, one.problem ? [one.problem] : []);
    }
    keep();
    if (waiting.size) tell(say(about.waiting, { n: waiting.size }));
    else tell(say(about.saved, { time: at }));
    if (waiting.size > clashes.size) timer = setTimeout(send, SOON);
    if (answer.revision === revision + 1) revision = answer.revision;
    if (leaving && waiting.size === 0) form.requestSubmit();
    else look();
  }

  // ---- somebody else was faster: both texts side by side, a person chooses
  function clash(theirs) {
    const one = field(theirs.name);
    clashes.add(theirs.name);
    const place = ask(one);
    place.querySelector(`[data-clash="${theirs.name}"]`)?.remove();
    const box = document.createElement("div");
    box.className = "x-ask__clash";
    box.dataset.clash = theirs.name;
    box.setAttribute("role", "alert");
    const line = (text) => box.appendChild(document.createElement("p")).append(text);
    line(say(about.newer, { who: theirs.by, time: theirs.at }) + (theirs.text || about.blank));
    line(about.mine + (read(one) || about.blank));
    const button = (label, then) => {
      const made = box.appendChild(document.createElement("button"));
      made.type = "button";
      made.className = "x-btn x-btn--plain x-btn--s";
      made.textContent = label;
      made.addEventListener("click", () => {
        clashes.delete(theirs.name);
        seen(theirs.name).value = theirs.version;
        box.remove();
        then();
        first(one).focus();
      });
    };
    button(about.takeMine, () => {
      changed(theirs.name);
      send();
    });
    button(about.takeTheirs, () => {
      write(one, theirs.text);
      known.set(theirs.name, theirs.text);
      waiting.delete(theirs.name);
      keep();
    });
    place.append(box);
  }

  // ---- what others write, and where the firm stands
  async function poll() {
    if (document.hidden || waiting.size) return;
    try {
      const answer = await fetch(`${about.changes}?since=${revision}`, { headers: { "HX-Request": "true" } });
      if (answer.status === 401) return fail(about.expired, true);
      if (!answer.ok) return;
      const news = await answer.json();
      if (news.revision > revision) look();
      revision = news.revision;
      for (const one of news.fields) {
        const mine = field(one.name);
        if (!mine || waiting.has(one.name) || Number(seen(one.name).value) >= one.version) continue;
        write(mine, one.text);
        known.set(one.name, one.text);
        seen(one.name).value = one.version;
        const state = ask(mine).querySelector("[data-state]");
        state.textContent = say(about.updated, { who: one.by, time: one.at });
        state.hidden = false;
      }
    } catch {
      // a lost line is told when something cannot be saved
    }
  }

  function told(name, messages) {
    const place = field(name) && ask(field(name));
    if (!place) return;
    const box = place.querySelector(".x-error");
    if (!box.firstElementChild) box.append(document.querySelector("#told").content.cloneNode(true));
    box.lastElementChild.textContent = messages.join(" ");
    box.hidden = messages.length === 0;
    const why = place.querySelector("details");
    const open = messages.length > 0 && !why?.querySelector("textarea").value.trim();
    place.classList.toggle("x-field--error", open);
    if (why && open) why.open = true;
  }

  // what stands around a field and follows from the others: the figure of last year, how an amount with its unit was read
  function around(place, name, text = "") {
    const box = place.querySelector(`[data-${name}]`);
    if (!box || box.textContent === text) return;
    box.textContent = text;
    const whole = box.closest("p");
    whole.hidden = whole.textContent.trim() === "";
  }

  let looking;
  function look() {
    clearTimeout(looking);
    looking = setTimeout(async () => {
      try {
        const answer = await fetch(about.preview, { headers: { "HX-Request": "true" } });
        if (!answer.ok) return;
        const news = await answer.json();
        const fresh = new DOMParser().parseFromString(news.html, "text/html").querySelector("#preview");
        document.querySelector("#preview").replaceWith(document.importNode(fresh, true));
        const done = document.querySelector("#done");
        if (done) done.textContent = news.done[about.section] ?? "";
        for (const one of form.querySelectorAll("[data-ask]")) {
          around(one, "before", news.before[one.dataset.ask]);
          around(one, "read", news.read[one.dataset.ask]);
          if (!waiting.has(one.dataset.ask)) told(one.dataset.ask, news.doubts[one.dataset.ask] ?? []);
        }
      } catch {
        // the preview comes with the next save
      }
    }, 150);
  }

  // ---- signing in again without leaving: the texts stay where they are
  sign.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    try {
      const door = await page(about.signIn);
      const body = new FormData(sign);
      body.set("csrf_token", door.querySelector("input[name=csrf_token]")?.value ?? form.elements.csrf_token.value);
      const answer = await fetch(about.signIn, { method: "POST", body });
      if (new URL(answer.url).pathname.startsWith(about.signIn)) return fail(about.wrong, true);
      const fresh = await page(location.href);
      const token = fresh.querySelector("#assess-form input[name=csrf_token]");
      if (!token) return fail(about.other, true);
      form.elements.csrf_token.value = token.value;
      sign.elements.password.value = "";
      fine();
      send();
    } catch {
      fail(about.network, true);
    }
  });

  async function page(url) {
    const answer = await fetch(url);
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  }

  // ---- what was not saved the last time
  function offer() {
    let kept;
    try {
      kept = JSON.parse(localStorage.getItem(about.key) ?? "null");
    } catch {
      return;
    }
    const lost = Object.entries(kept ?? {}).filter(([name, one]) => field(name) && read(field(name)) !== one.text);
    if (lost.length === 0) return;
    const box = document.querySelector("#found");
    box.append(Object.assign(document.createElement("p"), { textContent: say(about.found, { n: lost.length }) }));
    const button = (label, then) => {
      const made = Object.assign(document.createElement("button"), { type: "button", textContent: label });
      made.className = "x-btn x-btn--plain x-btn--s";
      made.addEventListener("click", () => {
        box.hidden = true;
        then();
      });
      box.append(made);
    };
    button(about.restore, () => {
      for (const [name, one] of lost) {
        write(field(name), one.text);
        waiting.set(name, one.text);
        seen(name).value = one.seen; // what has changed since is shown beside it
      }
      send();
    });
    button(about.drop, () => localStorage.removeItem(about.key));
    box.hidden = false;
  }

  // the last of several cards says that none of them holds
  function none(one) {
    const all = one.closest("[data-several]") && one.checked ? [...one.closest("[data-several]").querySelectorAll("input")] : [];
    for (const card of all) if (card !== one && (one === all.at(-1) || card === all.at(-1))) card.checked = false;
  }

  for (const kind of ["change", "input"]) {
    form.addEventListener(kind, (event) => {
      const one = event.target;
      if (!one.matches("[data-field]")) return;
      if (kind === "change") none(one);
      if (read(field(one.name)) !== (waiting.get(one.name) ?? known.get(one.name))) changed(one.name);
    });
  }
  form.addEventListener("focusout", () => waiting.size && send());
  form.addEventListener("submit", (event) => {
    if (waiting.size === 0) return;
    event.preventDefault();
    leaving = true;
    send();
  });
  window.addEventListener("online", send);
  window.addEventListener("beforeunload", (event) => {
    if (waiting.size) event.preventDefault();
  });
  for (const one of form.querySelectorAll("[data-field]")) known.set(one.name, read(field(one.name)));
  document.addEventListener("yuqi:evidence", look);
  setInterval(poll, LOOK);
  offer();
}
