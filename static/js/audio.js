/**
 * The agent's sound: microphone, speaker, level meters, ring tone and the one RTCPeerConnection of the shift.
 *
 * It touches no DOM of the page. All news are events of `AgentAudio`, with the facts in `event.detail`:
 *
 * | event        | detail                                                                               |
 * |--------------|--------------------------------------------------------------------------------------|
 * | `state`      | `{state: 'connecting' | 'up' | 'down'}`: the path to the server                       |
 * | `levels`     | `{mic, far}` each 0..1, ten times a second while a microphone or a far side is there  |
 * | `devices`    | `{microphones, speakers, microphone, speaker, ring}` lists of `{id, label}`, choices  |
 * | `microphone` | `{state: 'open' | 'lost' | 'fallback', label}`; `fallback`: the chosen one is gone    |
 * | `blocked`    | `{}`: the browser plays nothing before a click; show "Click to hear", call `unblock()`|
 * | `unblocked`  | `{}`                                                                                  |
 * | `error`      | `{error: AudioError}`: something that nobody awaited failed                           |
 */

import { AudioError, listDevices, meter, openMicrophone, setSpeaker } from './audio_devices.js';
import { ringTone } from './ring.js';

export { AudioError };

const PREFIX = 'ccc.audio.';
const DISCONNECTED_MS = 2000;
const RESTART_MS = 4000;
const RETRY_MS = [500, 1000, 2000, 4000, 8000];
const METER_MS = 100;
const BLOCKED_MS = 300;
const KEY_MS = 100;
const KEY_GAP_MS = 70;

export class AgentAudio extends EventTarget {
  #pc = null;
  #sender = null;
  #sendOffer = null;
  #stream = null;
  #context = null;
  #meters = {};
  #meterTimer = 0;
  #talking = false;
  #muted = false;
  #state = 'down';
  #attempt = 0;
  #recovery = 0;
  #ring = null;
  #closed = false;
  #onDevices = () => this.#announceDevices();

  /** @param {{processing?: boolean, storage?: Storage}=} options `processing`: echo cancelling, noise suppression and
   *  gain control of the browser (default on); `storage`: where choices are kept (default localStorage) */
  constructor({ processing = true, storage = window.localStorage } = {}) {
    super();
    this.processing = processing;
    this.storage = storage;
    this.element = new Audio();
    this.ringElement = new Audio();
    navigator.mediaDevices?.addEventListener('devicechange', this.#onDevices);
  }

  get state() { return this.#state; }
  get talking() { return this.#talking; }
  get muted() { return this.#muted; }
  get microphoneLabel() { return this.#track()?.label ?? ''; }

  // ---- devices ------------------------------------------------------------------------------------------------

  /** Lists of `{id, label}` and the kept choices ('' is the system's default). Labels are empty before permission. */
  async devices() {
    return {
      ...await listDevices(),
      microphone: this.#choice('microphone'), speaker: this.#choice('speaker'), ring: this.#choice('ring'),
    };
  }

  /** Ask for the (kept) microphone. A kept device that is unplugged yields to the default one. Throws AudioError. */
  async openMicrophone() {
    const { stream, fallback } = await openMicrophone(this.#choice('microphone'), this.processing);
    await this.#adopt(stream);
    this.#emit('microphone', { state: fallback ? 'fallback' : 'open', label: this.microphoneLabel });
    await this.#announceDevices();
  }

  /** Keep a microphone ('' default) and change to it at once, also in mid-call. */
  async chooseMicrophone(id) {
    this.storage.setItem(PREFIX + 'microphone', id);
    await this.openMicrophone();
  }

  /** Keep the speaker for calls ('' default). */
  async chooseSpeaker(id) {
    await setSpeaker(this.element, id);
    this.storage.setItem(PREFIX + 'speaker', id);
  }

  /** Keep the device that rings ('' default). */
  async chooseRingDevice(id) {
    await setSpeaker(this.ringElement, id);
    this.storage.setItem(PREFIX + 'ring', id);
  }

  // ---- connection ---------------------------------------------------------------------------------------------

  /** Connect for the shift. `sendOffer(sdp)` resolves to the server's answer; it is kept for every later re-offer.
   *  Resolves when the answer is in; `state` follows. Throws AudioError `connect-failed`. */
  async connect(sendOffer) {
    this.#sendOffer = sendOffer;
    await this.#fresh();
  }

  /** Mend the connection: an ICE restart, or (`fresh`, or when that does not help) a new RTCPeerConnection. */
  async restart({ fresh = false } = {}) {
    if (!this.#sendOffer || this.#closed) return;
    window.clearTimeout(this.#recovery);
    const pc = this.#pc;
    if (fresh || !pc || pc.connectionState === 'closed' || pc.connectionState === 'failed') {
      await this.#fresh();
      return;
    }
    this.#setState('connecting');
    try {
      await this.#exchange(pc, { iceRestart: true });
    } catch {
      await this.#fresh();
      return;
    }
    if (pc !== this.#pc) return;
    if (pc.connectionState === 'connected') this.#setState('up'); // no event comes when it never broke
    this.#recovery = window.setTimeout(() => {
      if (pc === this.#pc && pc.connectionState !== 'connected') this.#recover(true);
    }, RESTART_MS);
  }

  /** Joined or not: while not, no packet leaves the page. */
  async setTalking(on) {
    this.#talking = on;
    await this.#sender?.replaceTrack(on ? this.#track() : null);
  }

  /** Silence the microphone without leaving the call. */
  mute(on) {
    this.#muted = on;
    const track = this.#track();
    if (track) track.enabled = !on;
  }

  /** Press keys on the line (RFC 4733), after those still being sent. False: the line cannot carry keys now. */
  press(keys) {
    const dtmf = this.#sender?.dtmf;
    // Without a track Chromium takes the keys and sends nothing.
    if (!dtmf?.canInsertDTMF || !this.#sender.track || this.#state !== 'up') return false;
    dtmf.insertDTMF(dtmf.toneBuffer + keys, KEY_MS, KEY_GAP_MS);
    return true;
  }

  /** What the connection is worth: counts of packets, loss both ways, jitter and round trip in ms (null: unknown). */
  async stats() {
    const unknown = { lost_out: null, jitter_ms: null, rtt_ms: null };
    const out = { state: this.#state, packets_in: 0, packets_out: 0, lost_in: 0, ...unknown };
    const report = await this.#pc?.getStats();
    report?.forEach((entry) => {
      if (entry.type === 'inbound-rtp') {
        out.packets_in += entry.packetsReceived;
        out.lost_in += entry.packetsLost;
        out.jitter_ms = Math.round(entry.jitter * 10000) / 10;
      }
      if (entry.type === 'outbound-rtp') out.packets_out += entry.packetsSent;
      if (entry.type === 'remote-inbound-rtp') out.lost_out = entry.packetsLost;
      if (entry.type === 'candidate-pair' && entry.nominated && entry.currentRoundTripTime !== undefined) {
        out.rtt_ms = Math.round(entry.currentRoundTripTime * 10000) / 10;
      }
    });
    return out;
  }

  /** Call it in a click handler after `blocked`. */
  async unblock() {
    await this.#context?.resume();
    await this.#play(this.element);
    if (this.#ring) await this.#play(this.ringElement);
  }

  /** End of the shift: microphone released, connection closed. The object cannot be used again. */
  close() {
    this.#closed = true;
    window.clearTimeout(this.#recovery);
    window.clearInterval(this.#meterTimer);
    navigator.mediaDevices?.removeEventListener('devicechange', this.#onDevices);
    this.ring(false);
    hangUp(this.#pc);
    this.#pc = this.#sender = null;
    this.#stream?.getTracks().forEach((track) => { track.onended = null; track.stop(); });
    this.#stream = null;
    this.#context?.close();
    this.#context = null;
    this.#setState('down');
  }

  // ---- ring tone ----------------------------------------------------------------------------------------------

  /** Start or stop the ring tone on the chosen ring device. */
  ring(on) {
    if (!on) {
      this.#ring?.stop();
      this.#ring = null;
      this.ringElement.pause();
      this.ringElement.srcObject = null;
      return;
    }
    if (this.#ring || this.#closed) return;
    this.#ring = ringTone(this.#audioContext());
    this.ringElement.srcObject = this.#ring.stream;
    this.#sink(this.ringElement, 'ring');
    this.#play(this.ringElement);
  }

  // ---- inside -------------------------------------------------------------------------------------------------

  #emit(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }
  #choice(name) { return this.storage.getItem(PREFIX + name) ?? ''; }
  async #announceDevices() { this.#emit('devices', await this.devices()); }
  #track() { return this.#stream?.getAudioTracks()[0] ?? null; }

  #setState(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.#emit('state', { state });
  }

  async #adopt(stream) {
    const old = this.#stream;
    this.#stream = stream;
    const track = this.#track();
    track.enabled = !this.#muted;
    track.onended = () => {
      this.#emit('microphone', { state: 'lost', label: track.label });
      this.openMicrophone().catch((error) => this.#emit('error', { error }));
    };
    if (this.#talking) await this.#sender?.replaceTrack(track);
    old?.getTracks().forEach((each) => { each.onended = null; each.stop(); });
    this.#meter('mic', stream);
  }

  async #sink(element, name) {
    try {
      await setSpeaker(element, this.#choice(name));
    } catch (error) {
      this.#emit('error', { error });
    }
  }

  /** A new connection; the old one lives until the answer is in, so that the server never sees us gone. */
  async #fresh() {
    const [oldPc, oldSender] = [this.#pc, this.#sender];
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require' });
    const transceiver = pc.addTransceiver('audio', { direction: 'sendrecv' });
    transceiver.setCodecPreferences?.(telephoneCodecs());
    [this.#pc, this.#sender] = [pc, transceiver.sender];
    pc.onconnectionstatechange = () => this.#connectionChanged(pc);
    pc.ontrack = (event) => this.#hear(event.track);
    this.#setState('connecting');
    try {
      if (this.#talking) await this.#sender.replaceTrack(this.#track());
      await this.#exchange(pc, {});
      hangUp(oldPc);
    } catch (error) {
      hangUp(pc);
      if (pc === this.#pc) {
        [this.#pc, this.#sender] = [oldPc, oldSender];
        this.#setState(oldPc?.connectionState === 'connected' ? 'up' : 'down');
      }
      throw new AudioError('connect-failed', error);
    }
  }

  async #exchange(pc, options) {
    // No waiting for candidates: the server is ICE-lite and learns our address from the first check.
    await pc.setLocalDescription(await pc.createOffer(options));
    const sdp = await this.#sendOffer(pc.localDescription.sdp);
    if (pc === this.#pc) await pc.setRemoteDescription({ type: 'answer', sdp });
  }

  #connectionChanged(pc) {
    if (pc !== this.#pc) return;
    window.clearTimeout(this.#recovery);
    const state = pc.connectionState;
    if (state === 'connected') {
      this.#attempt = 0;
      this.#setState('up');
    } else if (state === 'disconnected') {
      this.#setState('down');
      this.#recovery = window.setTimeout(() => this.#recover(false), DISCONNECTED_MS);
    } else if (state === 'failed' || state === 'closed') {
      this.#setState('down');
      this.#recoverLater();
    }
  }

  #recoverLater() {
    this.#recovery = window.setTimeout(
      () => this.#recover(true), RETRY_MS[Math.min(this.#attempt++, RETRY_MS.length - 1)],
    );
  }

  /** Try until it works; the page need not do anything (its `sendOffer` rejects while its socket is down). */
  async #recover(fresh) {
    if (this.#closed) return;
    try {
      await this.restart({ fresh });
    } catch (error) {
      this.#emit('error', { error });
      this.#recoverLater();
    }
  }

  #hear(track) {
    this.element.srcObject = new MediaStream([track]);
    this.#sink(this.element, 'speaker');
    this.#play(this.element);
    this.#meter('far', this.element.srcObject);
  }

  async #play(element) {
    try {
      await element.play();
      if (element === this.element) this.#emit('unblocked', {});
    } catch (error) {
      if (error.name === 'NotAllowedError') this.#emit('blocked', {});
      else if (error.name !== 'AbortError') this.#emit('error', { error }); // AbortError: the source was changed
    }
  }

  #audioContext() {
    const context = this.#context ??= new AudioContext();
    if (context.state === 'suspended') {
      context.onstatechange = () => { if (context.state === 'running') this.#emit('unblocked', {}); };
      context.resume().catch((error) => this.#emit('error', { error }));
      window.setTimeout(() => { if (context.state === 'suspended') this.#emit('blocked', {}); }, BLOCKED_MS);
    }
    return context;
  }

  #meter(name, stream) {
    this.#meters[name]?.stop();
    this.#meters[name] = meter(this.#audioContext(), stream);
    const level = (side) => this.#meters[side]?.level() ?? 0;
    this.#meterTimer ||= window.setInterval(
      () => this.#emit('levels', { mic: level('mic'), far: level('far') }), METER_MS,
    );
  }
}

function hangUp(pc) {
  if (!pc) return;
  pc.onconnectionstatechange = pc.ontrack = null;
  pc.close();
}

function telephoneCodecs() {
  const known = RTCRtpReceiver.getCapabilities('audio').codecs;
  const named = (name) => known.filter((codec) => codec.mimeType.toLowerCase() === name && codec.clockRate === 8000);
  return [...named('audio/pcma'), ...named('audio/pcmu'), ...named('audio/telephone-event')];
}
