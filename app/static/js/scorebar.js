// On a phone the score is one line at the foot of the screen: a tap opens it, and it goes while somebody types.
const bar = document.querySelector(".x-scorebar");
const button = bar?.querySelector("[data-open]");

if (button) {
  const open = (is) => {
    bar.classList.toggle("x-scorebar--open", is);
    button.setAttribute("aria-expanded", String(is));
  };
  const types = (one) => one.matches("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=file])");
  bar.classList.add("x-scorebar--slim");
  button.addEventListener("click", (event) => {
    event.stopPropagation();
    open(!bar.classList.contains("x-scorebar--open"));
  });
  bar.addEventListener("click", () => open(true));
  document.addEventListener("click", (event) => {
    if (!bar.contains(event.target)) open(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !bar.classList.contains("x-scorebar--open")) return;
    open(false);
    button.focus();
  });
  document.addEventListener("focusin", (event) => {
    bar.classList.toggle("x-scorebar--away", !bar.contains(event.target) && types(event.target));
  });
  document.addEventListener("focusout", () => bar.classList.remove("x-scorebar--away"));
}
