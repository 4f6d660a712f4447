// A drag ends in a click, which would select what is under it alone.

/** The click that belongs to the mouse button going up now reaches nobody. */
export function swallowClick() {
  addEventListener("click", stop, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", stop, { capture: true })); // no click came
}

function stop(event) {
  event.stopPropagation();
}
