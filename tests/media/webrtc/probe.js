/** The page of the Chromium tests: drives AgentAudio and measures what is heard by frequency. */
import { AgentAudio } from './audio.js';

const events = [];
window.events = events;

const getUserMedia = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
if (getUserMedia) {
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await getUserMedia(wanted);
    [window.lastTrack] = stream.getAudioTracks();
    return stream;
  };
}

window.start = (options) => {
  const audio = new AgentAudio({ processing: false, ...options });
  for (const name of ['state', 'levels', 'devices', 'microphone', 'blocked', 'unblocked', 'error']) {
    audio.addEventListener(name, (event) => {
      if (name === 'levels') window.levels = event.detail;
      else events.push([name, name === 'error' ? String(event.detail.error) : event.detail]);
    });
  }
  window.audio = audio;
};

/** Connect through the test: the offer is parked, the test answers with `window.answer(sdp)`. */
window.connect = () => window.audio.connect((sdp) => window.sendOffer(sdp));

/** Strongest frequency in what the audio element plays, and its RMS. */
window.heard = async () => {
  const context = window.probeContext ??= new AudioContext();
  const stream = window.audio.element.srcObject;
  const source = context.createMediaStreamSource(stream);
  const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
  source.connect(analyser);
  await new Promise((resolve) => { setTimeout(resolve, 400); });
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  const peak = bins.reduce((best, value, i) => (value > bins[best] ? i : best), 1);
  const samples = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(samples);
  source.disconnect();
  const rms = Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
  return { hz: peak * context.sampleRate / analyser.fftSize, rms };
};

/** RMS of the ring tone at this moment. */
window.ringLevel = async () => {
  const context = window.probeContext ??= new AudioContext();
  const source = context.createMediaStreamSource(window.audio.ringElement.srcObject);
  const analyser = new AnalyserNode(context, { fftSize: 1024 });
  source.connect(analyser);
  await new Promise((resolve) => { setTimeout(resolve, 60); });
  const samples = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(samples);
  source.disconnect();
  return Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
};

window.ready = true;
