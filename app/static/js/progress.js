// Jobs: ask how far, show it, stop at the end, then load the page that has the result.
const FIRST = 300; // small work is done before anybody has looked: ask soon, then ever less often
const PAUSE = 1500;
const LONGEST = 15000;
let touched = false; // what was ticked or typed on the page must outlive the end of a job
document.addEventListener("input", () => (touched = true));

// The page with the result; where somebody has begun to fill something in, and for a receipt that is printed beside other
// work, only the panel that the job stands in: a page that loads anew by itself would cut off whoever is leaving it.
async function show(box) {
  const panel = box.closest("section[id]");
  if (!touched && panel?.id !== "receipts") return location.reload();
  const answer = panel && (await fetch(location.href).catch(() => null));
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(panel.id);
  if (!fresh) return;
  panel.replaceWith(fresh);
  for (const one of fresh.querySelectorAll("[data-progress-url]")) follow(one);
}

async function follow(box) {
  const bar = box.querySelector("[data-progress-bar]");
  const state = box.querySelector("[data-progress-state]");
  const text = box.querySelector("[data-progress-text]");
  let usual = FIRST;
  let pause = usual;
  while (box.isConnected) {
    await new Promise((done) => setTimeout(done, pause));
    let job;
    try {
      const answer = await fetch(box.dataset.progressUrl, { headers: { Accept: "application/json" } });
      if (!answer.ok || !answer.headers.get("Content-Type")?.includes("json")) throw new Error(answer.status);
      job = await answer.json();
    } catch {
      pause = Math.min(pause * 2, LONGEST); // a fallen server or a lost line: ask again, less often
      continue;
    }
    usual = Math.min(usual * 1.5, PAUSE);
    pause = usual;
    if (state.textContent !== job.label) state.textContent = job.label;
    if (job.total) {
      bar.max = job.total;
      bar.value = job.done;
    }
    text.textContent = [job.total ? `${job.done} / ${job.total}` : "", job.note ?? "", job.error ?? ""].filter(Boolean).join(" ");
    if (job.finished) {
      await show(box);
      return;
    }
  }
}

for (const box of document.querySelectorAll("[data-progress-url]")) follow(box);
