// Hands the microphone's samples to the page, as they are.

registerProcessor("record", class extends AudioWorkletProcessor {
  process([input]) {
    if (input.length) this.port.postMessage(input[0].slice());
    return true;
  }
});
