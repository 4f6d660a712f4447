/** The ring tone, made on the spot: two sines, one second on, two seconds off. */

const TONES_HZ = [440, 480];
const ON_S = 1;
const PERIOD_S = 3;
const GAIN = 0.2;

/** Start a ring tone in `context`. Returns its MediaStream (an element plays it, so that the device can be chosen) and
 *  `stop()`, which releases everything. */
export function ringTone(context) {
  const out = context.createMediaStreamDestination();
  // Sines alone cannot pause: a looped buffer of ones and zeros drives their gain.
  const gate = context.createBuffer(1, context.sampleRate * PERIOD_S, context.sampleRate);
  gate.getChannelData(0).fill(GAIN, 0, context.sampleRate * ON_S);
  const cadence = new AudioBufferSourceNode(context, { buffer: gate, loop: true });
  const level = new GainNode(context, { gain: 0 });
  cadence.connect(level.gain);
  const tones = TONES_HZ.map((frequency) => new OscillatorNode(context, { frequency }));
  tones.forEach((tone) => tone.connect(level));
  level.connect(out);
  const sources = [...tones, cadence];
  sources.forEach((source) => source.start());
  return {
    stream: out.stream,
    stop() {
      sources.forEach((source) => { source.stop(); source.disconnect(); });
      level.disconnect();
    },
  };
}
