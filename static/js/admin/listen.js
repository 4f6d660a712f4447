// A text is heard before it is saved: the form as it stands, spoken by the server.

const words = document.getElementById("listen-words").dataset;
const token = document.querySelector("meta[name=csrf-token]").content;

async function spoken(box) {
  const form = new FormData(box.closest("form"));
  const response = await fetch(box.dataset.listen, {
    method: "POST", body: form, credentials: "same-origin", headers: { "X-CSRFToken": token, Accept: "application/json" },
  });
  if (!response.ok) throw new Error((await response.json()).message);
  return response.blob();
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-listen] button");
  if (!button) return;
  const box = button.parentElement;
  const [sound, status] = [box.querySelector("audio"), box.querySelector("[role=status]")];
  button.disabled = true;
  status.textContent = words.working;
  try {
    const blob = await spoken(box);
    if (sound.src) URL.revokeObjectURL(sound.src);
    sound.src = URL.createObjectURL(blob);
    sound.hidden = false;
    status.textContent = "";
    await sound.play();
  } catch (error) {
    status.textContent = error.message || words.failed;
  }
  button.disabled = false;
});
