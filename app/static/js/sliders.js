// A slider beside a number: it moves the number, the number moves it. Without a script only the number is there.
function boxOf(slider) {
  return document.getElementById(slider.dataset.slides);
}

for (const slider of document.querySelectorAll("[data-slides]")) slider.hidden = false;

document.addEventListener("input", (event) => {
  const moved = event.target;
  if (moved.matches("[data-slides]")) {
    boxOf(moved).value = moved.value; // the slider has no name: what is sent is the number
    return;
  }
  const slider = document.querySelector(`[data-slides="${CSS.escape(moved.id)}"]`);
  if (slider && moved.value.trim() !== "" && Number.isFinite(Number(moved.value))) slider.value = moved.value;
});
