// Play buttons in a list: one sound at a time, the button stops it again.

const sound = new Audio();
let button = null;

function rest() {
  button?.setAttribute("aria-pressed", "false");
  button = null;
}

document.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-play]");
  if (!pressed) return;
  const same = pressed === button;
  sound.pause();
  rest();
  if (same) return;
  button = pressed;
  button.setAttribute("aria-pressed", "true");
  sound.src = pressed.dataset.play;
  sound.play().catch(rest);
});
sound.addEventListener("ended", rest);
