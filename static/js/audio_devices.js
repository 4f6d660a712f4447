/** Microphones and speakers: asking for them, naming what went wrong. Used by `audio.js`. */

/** `code` names the trouble and, for the page, the text that cures it. */
export class AudioError extends Error {
  /** @param {'insecure-context'|'unsupported'|'microphone-refused'|'microphone-absent'|'microphone-busy'|
   *           'microphone-failed'|'speaker-refused'|'connect-failed'} code
   *  @param {Error=} cause the browser's own error */
  constructor(code, cause) {
    super(cause ? `${code}: ${cause.name} ${cause.message}` : code, { cause });
    this.name = 'AudioError';
    this.code = code;
  }
}

const MICROPHONE_CODES = {
  NotAllowedError: 'microphone-refused', SecurityError: 'microphone-refused',
  NotFoundError: 'microphone-absent', OverconstrainedError: 'microphone-absent',
  NotReadableError: 'microphone-busy', AbortError: 'microphone-busy',
};

function microphoneError(error) {
  return new AudioError(MICROPHONE_CODES[error.name] ?? 'microphone-failed', error);
}

/** Microphones and speakers as `{microphones, speakers}`, each `[{id, label}]`; labels are empty before permission. */
export async function listDevices() {
  const all = navigator.mediaDevices ? await navigator.mediaDevices.enumerateDevices() : [];
  const list = (kind) => all.filter((d) => d.kind === kind).map((d) => ({ id: d.deviceId, label: d.label }));
  return { microphones: list('audioinput'), speakers: list('audiooutput') };
}

/** Open microphone `id` ('' the default) as `{stream, fallback}`; `fallback`: `id` is gone, it is the default one.
 *  `processing`: the browser's echo cancelling, noise suppression and gain control. Throws AudioError. */
export async function openMicrophone(id, processing) {
  if (!window.isSecureContext) throw new AudioError('insecure-context');
  if (!navigator.mediaDevices?.getUserMedia || !window.RTCPeerConnection) throw new AudioError('unsupported');
  const acquire = (device) => navigator.mediaDevices.getUserMedia({
    audio: {
      channelCount: 1, echoCancellation: processing, noiseSuppression: processing, autoGainControl: processing,
      ...(device && { deviceId: { exact: device } }),
    },
    video: false,
  });
  try {
    return { stream: await acquire(id), fallback: false };
  } catch (error) {
    if (!id || MICROPHONE_CODES[error.name] !== 'microphone-absent') throw microphoneError(error);
  }
  try {
    return { stream: await acquire(''), fallback: true };
  } catch (error) {
    throw microphoneError(error);
  }
}

/** Let `element` play on speaker `id`; an unplugged one yields to the default: better than silence. AudioError. */
export async function setSpeaker(element, id) {
  if (!element.setSinkId) return; // this browser knows one speaker only
  try {
    await element.setSinkId(id);
  } catch (error) {
    if (error.name !== 'NotFoundError') throw new AudioError('speaker-refused', error);
    await element.setSinkId('');
  }
}

/** A level meter on a MediaStream: `level()` is the RMS on a scale of 60 dB, 0 silence, 1 full scale; `stop()`. */
export function meter(context, stream) {
  const source = context.createMediaStreamSource(stream);
  const analyser = new AnalyserNode(context, { fftSize: 1024 });
  const samples = new Float32Array(analyser.fftSize);
  source.connect(analyser);
  return {
    level() {
      analyser.getFloatTimeDomainData(samples);
      const energy = samples.reduce((sum, sample) => sum + sample * sample, 0);
      const db = 10 * Math.log10(energy / samples.length + 1e-12);
      return Math.min(1, Math.max(0, 1 + db / 60));
    },
    stop() { source.disconnect(); },
  };
}
