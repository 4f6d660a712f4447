// A text is heard before it is saved: the form as it stands, spoken by the server.

const words = document.getElementById("listen-words").dataset;
const sound = new Audio();
let button = null;

async function spoken(box) {
  const form = new FormData(box.closest("form"));
  const response = await fetch(box.dataset.listen, {
    method: "POST", body: form, credentials: "same-origin", headers: JSON.parse(document.body.getAttribute("hx-headers")),
  });
  if (!response.ok) throw new Error((await response.json()).message);
  return response.blob();
}

function rest() {
  sound.pause();
  button?.setAttribute("aria-pressed", "false");
  button = null;
}

async function listen(box) {
  const status = box.querySelector("[role=status]");
  status.textContent = words.working;
  try {
    const blob = await spoken(box);
    if (!box.isConnected) return;
    if (sound.src) URL.revokeObjectURL(sound.src);
    sound.src = URL.createObjectURL(blob);
    status.textContent = "";
    await sound.play();
    button = box.querySelector("button");
    button.setAttribute("aria-pressed", "true");
  } catch (error) {
    status.textContent = error.message || words.failed;
  }
}

document.addEventListener("click", async (event) => {
  const pressed = event.target.closest("[data-listen] button");
  if (!pressed) return;
  const playing = pressed === button;
  rest();
  if (playing) return;
  pressed.disabled = true;
  await listen(pressed.parentElement);
  pressed.disabled = false;
  pressed.focus();
});
document.addEventListener("close", rest, true);
sound.addEventListener("ended", rest);
