// Files into the locker in pieces (tus 1.0.0): how far, cancel, carried on after a lost line, a reload or a new sign-in.
const PIECE = 512 * 1024;
const LONGEST = 15000;

const say = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name] ?? "");
const coded = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

class Stopped extends Error {}

function make(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

class Sending {
  constructor(form, about, file) {
    this.form = form;
    this.file = file;
    this.about = about;
    this.row = make("li", "x-progress");
    const line = this.row.appendChild(make("p", "x-progress__line"));
    line.append(make("b", "", file.name));
    this.stop = line.appendChild(make("button", "x-btn x-btn--plain x-btn--s", this.about.cancel));
    this.stop.type = "button";
    this.bar = this.row.appendChild(document.createElement("progress"));
    this.bar.max = file.size;
    this.bar.setAttribute("aria-label", file.name);
    this.state = this.row.appendChild(make("p", "x-muted"));
    this.state.setAttribute("role", "status");
    this.stop.addEventListener("click", () => this.cancel());
  }

  tell(text, failed = false) {
    this.state.textContent = text;
    this.state.className = failed ? "x-error" : "x-muted";
  }

  ask(method, url, headers = {}, body = null) {
    return new Promise((done, fail) => {
      const call = new XMLHttpRequest();
      this.call = call;
      call.open(method, url);
      const token = this.form.elements.csrf_token.value;
      const all = { "Tus-Resumable": "1.0.0", "X-CSRFToken": token, "HX-Request": "true", ...headers };
      for (const [name, value] of Object.entries(all)) call.setRequestHeader(name, value);
      if (body) {
        const start = this.offset;
        call.upload.addEventListener("progress", (event) => this.show(start + event.loaded));
      }
      call.addEventListener("load", () => done(call));
      for (const kind of ["error", "timeout", "abort"]) call.addEventListener(kind, () => fail(new Error(kind)));
      call.timeout = 60000;
      call.send(body);
    });
  }

  show(sent) {
    this.bar.value = sent;
    this.tell(say(this.about.sent, { percent: Math.floor((100 * sent) / this.file.size) }));
  }

  async metadata() {
    const fields = { filename: this.file.name };
    for (const name of ["kind", "valid_from", "valid_until"]) fields[name] = this.form.elements[name]?.value;
    if (this.alone) fields.title = this.form.elements.title?.value;
    if (crypto.subtle && this.file.size < this.about.most) {
      const digest = await crypto.subtle.digest("SHA-256", await this.file.arrayBuffer());
      fields.sha256 = [...new Uint8Array(digest)].map((one) => one.toString(16).padStart(2, "0")).join("");
    }
    const said = Object.entries(fields).filter(([, value]) => value);
    return said.map(([name, value]) => `${name} ${coded(value)}`).join(",");
  }

  // an answer that is none of ours: the server is not there, or somebody must sign in again
  read(call) {
    if (call.status === 401 || call.status === 400) throw new Stopped(this.about.expired);
    const isJson = call.getResponseHeader("Content-Type")?.includes("json");
    if ((call.status >= 400 && call.status < 500 && call.status !== 409) || call.status === 507) {
      throw new Stopped(isJson ? JSON.parse(call.responseText).message : this.about.refused);
    }
    if (call.status >= 500) throw new Error(call.status);
    return isJson && call.status !== 409 ? JSON.parse(call.responseText) : null;
  }

  async patiently(work) {
    for (let pause = 1000; ; pause = Math.min(pause * 2, LONGEST)) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof Stopped || this.cancelled) throw error;
        this.tell(this.about.waiting, true);
        await new Promise((done) => {
          const timer = setTimeout(done, pause);
          this.wake = done;
          window.addEventListener("online", () => (clearTimeout(timer), done()), { once: true });
        });
        if (this.cancelled) throw error;
      }
    }
  }

  async run() {
    try {
      const said = await this.metadata();
      const headers = { "Upload-Length": String(this.file.size), "Upload-Metadata": said };
      let at = await this.patiently(async () => this.read(await this.ask("POST", this.about.transfer, headers)));
      this.url = `${this.about.transfer}/${at.id}`;
      while (at.document === null) {
        this.offset = at.offset;
        at = await this.patiently(() => this.piece());
      }
      this.document = at.document;
      this.bar.value = this.file.size;
      this.tell(at.again ? say(this.about.again, { title: at.title }) : this.about.done);
      this.stop.remove();
    } catch (error) {
      if (this.cancelled) return this.row.remove();
      this.tell(error instanceof Stopped ? error.message : this.about.refused, true);
    }
  }

  // the next piece; once all are there, or after an answer that never came, first what the server has
  async piece() {
    if (this.lost || this.offset >= this.file.size) {
      const at = this.read(await this.ask("GET", this.url));
      this.lost = false;
      if (at.document !== null) return at;
      this.offset = at.offset;
    }
    this.lost = true; // until the answer is here nobody knows what arrived
    const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(this.offset) };
    const body = this.file.slice(this.offset, this.offset + PIECE);
    const call = await this.ask("PATCH", this.url, headers, body);
    this.read(call);
    this.lost = call.status === 409;
    return { document: null, offset: this.lost ? this.offset : this.offset + body.size };
  }

  async cancel() {
    this.cancelled = true;
    this.call?.abort();
    this.wake?.();
    this.row.remove();
    if (!this.url) return;
    try {
      await this.ask("DELETE", this.url);
    } catch {
      // what is left of it is offered on the page, and cleared away some day
    }
  }
}

async function sendAll(form, list, files) {
  list.replaceChildren();
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  list.dataset.busy = "";
  const all = files.map((file) => new Sending(form, list.dataset, file));
  for (const one of all) {
    one.alone = all.length === 1;
    list.append(one.row);
  }
  for (const one of all) if (!one.cancelled) await one.run();
  button.disabled = false;
  delete list.dataset.busy;
  for (const input of form.querySelectorAll("input[type=file]")) {
    input.value = "";
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
  const kept = all.filter((one) => one.document);
  const attaches = list.dataset.attach !== undefined;
  for (const one of attaches ? kept : []) {
    const field = { type: "hidden", name: "document", value: one.document };
    form.append(Object.assign(document.createElement("input"), field));
  }
  if (kept.length === 0 || all.some((one) => !one.document && !one.cancelled)) return; // what was refused stays to be read
  if (attaches) form.requestSubmit();
  else location.reload();
}

// before anybody else hears of it: what is sent in pieces is not sent by the form
document.addEventListener(
  "submit",
  (event) => {
    const list = event.target.querySelector("[data-transfer]");
    const files = list ? [...event.target.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]) : [];
    if (files.length === 0) return;
    event.preventDefault();
    sendAll(event.target, list, files);
  },
  true,
);
