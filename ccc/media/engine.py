"""The legs of one worker and the operations on them (docs/protocols.md "Media control")."""

from __future__ import annotations

import resource
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

from ccc.errors import ConflictError, InvalidError, NotFoundError, UnavailableError
from ccc.media.bridging import Bridging
from ccc.media.dtmf import KEYS
from ccc.media.leg import Emit, Leg
from ccc.media.message import Limits
from ccc.media.message import Message as CallerMessage
from ccc.media.offload import Offload
from ccc.media.outbound import Outbound
from ccc.media.playback import KEY_TONES, Playback, PlayId
from ccc.media.poller import Poller
from ccc.media.prompts import PromptCache
from ccc.media.recording import Recorder, RecordingHub
from ccc.media.rtp import AUDIO, PCMA
from ccc.media.settings import WorkerSettings
from ccc.media.ticker import Ticker
from ccc.media.transport import BrowserAnswer, BrowserMux
from ccc.media.udp import PortPool, UdpTransport, remote_address

Message = dict[str, Any]
SWEEP_S = 0.25
DROPS_EACH = 8
"""Each leg's drop counter is read in one of so many sweeps."""
_CLOSE_DISK_S = 3.0


class Engine:
    """Everything a worker does except its sockets to the runtime and its life as a process."""

    def __init__(self, poller: Poller, settings: WorkerSettings, emit: Emit, mux: BrowserMux | None) -> None:
        self.poller = poller
        self.settings = settings
        self.legs: dict[str, Leg] = {}
        self.ticker = Ticker(poller)
        self._emit = emit
        self._mux = mux
        self._loader = Offload(poller, "prompt loader")
        self._writer = Offload(poller, "recording writer")
        self.cache = PromptCache(self._loader, settings.prompt_cache_bytes)
        self._hub = RecordingHub(poller, self._writer, settings.record_buffer_bytes)
        self.pool = PortPool(settings.bind_ip, settings.rtp_first, settings.rtp_last)
        self.bridging = Bridging(poller, settings.relay, self.legs)
        self._rx = self._tx = self._drops = 0
        """Totals of the legs that are gone."""
        self._ops: dict[str, Callable[[Message], Message]] = {
            name.removeprefix("_op_").replace("_", "-"): getattr(self, name)
            for name in dir(type(self))
            if name.startswith("_op_")
        }
        self._sweeps = 0
        self._sweep_timer = poller.call_at(poller.now + SWEEP_S, self._sweep)

    def handle(self, message: Message) -> Message:
        """Carry out one request; the answer's own fields. CccError names what is wrong with it."""
        operation = self._ops.get(str(message.get("op")))
        if operation is None:
            raise InvalidError(f"the media worker knows no {message.get('op')!r}", code="unknown-op", field="op")
        return operation(message)

    def leg(self, message: Message) -> Leg:
        leg = self.legs.get(message.get("leg", ""))
        if leg is None:
            raise NotFoundError(f"no leg {message.get('leg')!r} on this media worker", code="no-leg", field="leg")
        return leg

    def _op_open(self, message: Message) -> Message:
        leg_id, kind = message.get("leg"), message.get("kind")
        if not isinstance(leg_id, str) or not 0 < len(leg_id.encode()) < 256:
            raise InvalidError("leg must be a string of 1 to 255 bytes", field="leg")
        if leg_id in self.legs:
            raise ConflictError(f"leg {leg_id} is open already", code="leg-exists", field="leg")
        if len(self.legs) >= self.settings.capacity:
            raise UnavailableError(f"this media worker is full ({self.settings.capacity} legs)", code="full")
        if kind not in ("rtp", "webrtc"):
            raise InvalidError(f"kind must be rtp or webrtc, not {kind!r}", field="kind")
        leg = self._new_leg(leg_id, kind)
        try:
            answer = self._open_rtp(leg, message) if kind == "rtp" else self._open_browser(leg, message)
        except Exception:
            leg.close()
            raise
        self.legs[leg_id] = leg
        return answer

    def _new_leg(self, leg_id: str, kind: str) -> Leg:
        out = Outbound(PCMA, None)
        playback = Playback(self.poller, self.ticker, self.cache, out, partial(_played, self._emit, leg_id))
        return Leg(leg_id, kind, out, playback, self._emit)

    def _open_rtp(self, leg: Leg, message: Message) -> Message:
        remote = remote_address(message.get("remote"))
        self._configure(leg, message, default_pt=PCMA)
        transport = UdpTransport(self.poller, self.pool, remote, leg.receive, leg.receive_rtcp)
        transport.accepted = leg.accepted()
        leg.transport = transport
        leg.out.attach(transport.send)
        return {"host": self.settings.public_ip, "port": transport.port}

    @staticmethod
    def _configure(leg: Leg, message: Message, default_pt: int) -> None:
        """Set what the message names; the rest stays."""
        pt = message.get("pt", default_pt)
        dtmf_pt = message.get("dtmf_pt", leg.dtmf_pt)
        if pt not in AUDIO:
            raise InvalidError(f"pt must be 8 (A-law) or 0 (mu-law), not {pt!r}", field="pt")
        if dtmf_pt is not None and (not isinstance(dtmf_pt, int) or not 0 < dtmf_pt < 128 or dtmf_pt in AUDIO):
            raise InvalidError(f"dtmf_pt must be a payload type or null, not {dtmf_pt!r}", field="dtmf_pt")
        leg.configure(pt=pt, dtmf_pt=dtmf_pt, inband=bool(message.get("inband", leg.inband)))

    def _open_browser(self, leg: Leg, message: Message) -> Message:
        mux = self._browsers()
        answer = mux.open(leg.id, _offer(message), leg.out.ssrc, leg.receive, leg.emit_state, leg.receive_rtcp)
        return self._take_browser(leg, answer)

    def _browsers(self) -> BrowserMux:
        if self._mux is None:
            raise UnavailableError("browser legs are switched off on this media worker", code="no-webrtc")
        return self._mux

    @staticmethod
    def _take_browser(leg: Leg, answer: BrowserAnswer) -> Message:
        leg.configure(pt=answer.codec.pt, dtmf_pt=answer.codec.dtmf_pt, inband=False)
        leg.transport = answer.transport
        leg.out.attach(answer.transport.send)
        return {"answer": answer.sdp}

    def _op_reoffer(self, message: Message) -> Message:
        leg = self.leg(message)
        if leg.kind != "webrtc":
            raise InvalidError(f"leg {leg.id} is not a browser leg", field="leg")
        return self._take_browser(leg, self._browsers().reoffer(leg.id, _offer(message)))

    def _op_update(self, message: Message) -> Message:
        leg, now = self.leg(message), self.poller.now
        transport = leg.transport
        if leg.kind == "rtp":
            self._configure(leg, message, default_pt=leg.out.pt)
        if isinstance(transport, UdpTransport):
            transport.accepted = leg.accepted()
            if "remote" in message:
                transport.aim(remote_address(message["remote"]))
        if "hold" in message and bool(message["hold"]) != leg.hold:
            leg.set_hold(bool(message["hold"]), now)
        return {}

    def _op_play(self, message: Message) -> Message:
        leg = self.leg(message)
        play_id = message.get("play")
        if not isinstance(play_id, str | int) or play_id == KEY_TONES:
            raise InvalidError(f"play must be a string or a number from 0, not {play_id!r}", field="play")
        leg.active(self.poller.now)
        leg.playback.play(play_id, message.get("files", []), message.get("repeat", 1))
        return {}

    def _op_stop(self, message: Message) -> Message:
        self.leg(message).playback.stop()
        return {}

    def _op_bridge(self, message: Message) -> Message:
        leg = self.leg(message)
        if "peer" in message:
            self.bridging.join_remote(leg, message["peer"])
        else:
            other = self.legs.get(message.get("with", ""))
            if other is None or other is leg:
                raise NotFoundError(f"no other leg {message.get('with')!r} to bridge with", code="no-leg", field="with")
            self.bridging.join(leg, other)
        return {}

    def _op_unbridge(self, message: Message) -> Message:
        self.bridging.part(self.leg(message))
        return {}

    def _op_record(self, message: Message) -> Message:
        leg, path = self.leg(message), message.get("path")
        if not isinstance(path, str) or not path.startswith("/"):
            raise InvalidError("path must be an absolute path", field="path")
        if leg.recorder is not None:
            leg.recorder.stop()
        leg.record(Recorder(self._hub, path, partial(_record_error, self._emit, leg.id)))
        return {}

    def _op_record_pause(self, message: Message) -> Message:
        self.leg(message).pause_recording(True)
        return {}

    def _op_record_resume(self, message: Message) -> Message:
        self.leg(message).pause_recording(False)
        return {}

    def _op_record_stop(self, message: Message) -> Message:
        leg = self.leg(message)
        if leg.recorder is not None:
            leg.recorder.stop()
            leg.record(None)
        return {}

    def _op_message(self, message: Message) -> Message:
        leg, path = self.leg(message), message.get("path")
        if not isinstance(path, str) or not path.startswith("/"):
            raise InvalidError("path must be an absolute path", field="path")
        limits = Limits.of(message)
        if leg.message is not None:
            leg.message.end("stopped")
        emit, leg_id = self._emit, leg.id
        over = partial(_message_over, weakref.ref(leg))
        leg.message = CallerMessage(self._hub, path, limits, lambda event: emit({**event, "leg": leg_id}), over)
        leg.active(self.poller.now)
        leg.listen()
        return {}

    def _op_message_stop(self, message: Message) -> Message:
        leg = self.leg(message)
        if leg.message is not None:
            leg.message.end("stopped")
        return {}

    def _op_dtmf(self, message: Message) -> Message:
        leg, keys = self.leg(message), message.get("keys")
        if not isinstance(keys, str) or not keys or set(keys) - set(KEYS):
            raise InvalidError(f"keys must be some of {KEYS}, not {keys!r}", field="keys")
        leg.active(self.poller.now)
        leg.playback.send_keys(keys)
        return {}

    def _op_inject_key(self, message: Message) -> Message:
        leg, key = self.leg(message), message.get("key")
        if not isinstance(key, str) or len(key) != 1 or key not in KEYS:
            raise InvalidError(f"key must be one of {KEYS}, not {key!r}", field="key")
        leg.key(key, str(message.get("via", "info")), self.poller.now)
        return {}

    def _op_close(self, message: Message) -> Message:
        leg = self.leg(message)
        stats = leg.stats()
        if isinstance(leg.transport, UdpTransport):
            stats["drops"] = leg.transport.drops()
        self._close(leg)
        return {"stats": stats}

    def _close(self, leg: Leg) -> None:
        del self.legs[leg.id]
        self.bridging.part(leg)
        self._rx += leg.source.received
        self._tx += leg.out.packets
        if isinstance(leg.transport, UdpTransport):
            self._drops += leg.transport.drops()
        leg.close()

    def close_all(self) -> None:
        """End every leg (the runtime is gone)."""
        for leg in list(self.legs.values()):
            self._close(leg)

    def _op_stats(self, _: Message) -> Message:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "legs": len(self.legs),
            "capacity": self.settings.capacity,
            "rx": self._rx + sum(leg.source.received for leg in self.legs.values()),
            "tx": self._tx + sum(leg.out.packets for leg in self.legs.values()),
            "drops": self.drops(),
            "rcvbuf": self.pool.rcvbuf,
            "cpu_s": usage.ru_utime + usage.ru_stime,
            "relay": str(self.settings.relay),
        }

    def drops(self) -> int:
        """Packets lost in this machine: by the kernel (no room in the receive buffer) and between workers.

        Up to 2 s old: asking the kernel about every leg at once would hold up packets.
        """
        legs = (leg.transport for leg in self.legs.values())
        elsewhere = self._drops + self.bridging.relay.dropped + (self._mux.drops() if self._mux is not None else 0)
        return elsewhere + sum(t.dropped for t in legs if isinstance(t, UdpTransport))

    def _sweep(self) -> None:
        """Four times a second: silent legs may change their source, dead ones are reported, SR leave."""
        now, limit_s = self.poller.now, self.settings.media_timeout_s
        self._sweeps += 1
        for index, leg in enumerate(self.legs.values(), self._sweeps):
            transport = leg.transport
            if isinstance(transport, UdpTransport):
                if transport.locked and leg.is_silent(now):
                    transport.unlock()
                if index % DROPS_EACH == 0:
                    transport.drops()
            leg.check_timeout(now, limit_s)
            leg.report(now)
        self._sweep_timer = self.poller.call_at(now + SWEEP_S, self._sweep)

    def flush(self) -> None:
        """The end of a round: packets for other workers leave."""
        self.bridging.relay.flush()

    def shutdown(self) -> None:
        """End every leg, write what recordings wait for (at most 3 s), release all sockets."""
        self._sweep_timer.cancel()
        self.close_all()
        self.bridging.relay.close()
        if self._mux is not None:
            self._mux.shutdown()
        self._writer.close(_CLOSE_DISK_S)
        self._loader.close(0.5)


def _played(emit: Emit, leg_id: str, play_id: PlayId, why: str, message: str | None) -> None:
    event: Message = {"ev": "played", "leg": leg_id, "play": play_id, "why": why}
    emit(event if message is None else {**event, "message": message})


def _record_error(emit: Emit, leg_id: str, message: str, kept: bool) -> None:
    emit({"ev": "record-error", "leg": leg_id, "message": message, "kept": kept})


def _message_over(ref: weakref.ref[Leg]) -> None:
    leg = ref()
    if leg is not None:
        leg.message = None
        leg.listen()


def _offer(message: Message) -> str:
    offer = message.get("offer")
    if not isinstance(offer, str):
        raise InvalidError("offer must be an SDP text", field="offer")
    return offer
