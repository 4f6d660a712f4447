// Samples to a WAV file: mono, 16 bit. No DOM here.

export const RATE_HZ = 16000;
const HEADER_BYTES = 44;

/** How many whole seconds fit into a file of `bytes`. */
export function seconds(bytes) {
  return Math.floor((bytes - HEADER_BYTES) / (2 * RATE_HZ));
}

/** Blocks of samples (Float32Array) at `rate` as a File of RATE_HZ; `peak` is the loudest sample, 0 to 1. */
export async function wavFile(blocks, rate, name) {
  const length = blocks.reduce((sum, block) => sum + block.length, 0);
  const context = new OfflineAudioContext(1, Math.max(1, Math.ceil((length * RATE_HZ) / rate)), RATE_HZ);
  const buffer = context.createBuffer(1, Math.max(1, length), rate);
  let at = 0;
  for (const block of blocks) {
    buffer.copyToChannel(block, 0, at);
    at += block.length;
  }
  const source = new AudioBufferSourceNode(context, { buffer });
  source.connect(context.destination);
  source.start();
  const samples = (await context.startRendering()).getChannelData(0);
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  return { file: new File([header(samples.length), pcm(samples)], name, { type: "audio/wav" }), peak };
}

function pcm(samples) {
  const out = new DataView(new ArrayBuffer(samples.length * 2));
  samples.forEach((sample, n) => out.setInt16(n * 2, Math.round(Math.max(-1, Math.min(1, sample)) * 32767), true));
  return out.buffer;
}

function header(count) {
  const out = new DataView(new ArrayBuffer(HEADER_BYTES));
  const text = (at, letters) => [...letters].forEach((letter, n) => out.setUint8(at + n, letter.charCodeAt(0)));
  text(0, "RIFF");
  out.setUint32(4, HEADER_BYTES - 8 + count * 2, true);
  text(8, "WAVEfmt ");
  out.setUint32(16, 16, true);
  out.setUint16(20, 1, true);
  out.setUint16(22, 1, true);
  out.setUint32(24, RATE_HZ, true);
  out.setUint32(28, RATE_HZ * 2, true);
  out.setUint16(32, 2, true);
  out.setUint16(34, 16, true);
  text(36, "data");
  out.setUint32(40, count * 2, true);
  return out.buffer;
}
