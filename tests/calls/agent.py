"""An agent without a browser: signs in over HTTP, works over the WebSocket, hears and speaks over WebRTC."""

from __future__ import annotations

import http.cookiejar
import json
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from ccc.audio.g711 import decode_alaw
from ccc.caller.audio import tone
from tests.calls.system import System, wait_for
from tests.media.webrtc.peer import Peer

Message = dict[str, Any]
TONE_HZ = 1000


class Browser:
    """A cookie jar and a CSRF token."""

    def __init__(self, system: System, user: str) -> None:
        self._base = system.http
        self.cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        page = self.get("/login")
        form = {"username": user, "password": system.password(user), "csrf_token": _token(page)}
        body = urllib.parse.urlencode(form).encode()
        with self._opener.open(f"{self._base}/login", body, timeout=10) as answer:
            assert "/login" not in answer.url, f"{user} could not sign in"
        self._csrf = _token(self.get("/workbench"))

    def get(self, path: str) -> str:
        """A page."""
        with self._opener.open(self._base + path, timeout=10) as answer:
            text: str = answer.read().decode()
            return text

    def post(self, path: str, **form: str) -> tuple[int, str]:
        """Send a form as the pages' scripts do; status and what came back, the message to the user included."""
        headers = {"X-CSRFToken": self._csrf, "HX-Request": "true"}
        body = urllib.parse.urlencode(form).encode()
        try:
            with self._opener.open(urllib.request.Request(self._base + path, body, headers), timeout=20) as answer:
                return answer.status, (answer.headers.get("HX-Trigger") or "") + answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def ticket(self) -> str:
        """The URL of the WebSocket, with a fresh ticket."""
        headers = {"X-CSRFToken": self._csrf, "Accept": "application/json"}
        request = urllib.request.Request(f"{self._base}/workbench/ticket", b"", headers)
        with self._opener.open(request, timeout=10) as answer:
            found = json.load(answer)
        query = urllib.parse.urlencode({"ticket": found["ticket"]})
        return f"{self._base.replace('http', 'ws', 1)}{found['url']}?{query}"


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, "the page has no CSRF token"
    return found[1]


class Sound(threading.Thread):
    """The tab's audio: keeps the connection alive, speaks while told to, keeps what it hears."""

    def __init__(self, peer: Peer) -> None:
        super().__init__(daemon=True)
        self._peer = peer
        self._ended = threading.Event()
        self._tone = tone(TONE_HZ)
        self.speaking = False

    @property
    def up(self) -> bool:
        """DTLS is through."""
        return self._peer.srtp is not None

    def heard(self) -> NDArray[np.int16]:
        """Everything heard so far."""
        return decode_alaw(b"".join(packet[12:172] for packet in list(self._peer.audio)))

    def forget(self) -> None:
        """Begin anew with what is heard."""
        self._peer.audio.clear()

    def ssrcs(self) -> set[bytes]:
        """The sources heard: must be one."""
        return {packet[8:12] for packet in list(self._peer.audio)}

    def stop(self) -> None:
        """Fall silent without a word, as a killed tab does."""
        self._ended.set()
        self.join()
        self._peer.socket.close()

    def run(self) -> None:
        """One turn each 10 ms."""
        next_check_s = next_speak_s = 0.0
        at, begun = 0, False
        while not self._ended.is_set():
            now_s = time.monotonic()
            if now_s >= next_check_s:
                self._peer.check()
                next_check_s = now_s + (0.2 if not self.up else 2.0)
            self._peer.poll()
            if self._peer.responses and not begun:
                self._peer.start_dtls()
                begun = True
            if self.speaking and self.up and now_s >= next_speak_s:
                self._peer.speak(self._tone[at : at + 160])
                at = (at + 160) % len(self._tone)
                next_speak_s = max(next_speak_s + 0.02, now_s - 0.1)
            time.sleep(0.005)


class Agent:
    """A tab of the workbench."""

    def __init__(self, system: System, browser: Browser) -> None:
        self._system, self._browser = system, browser
        self._changed = threading.Condition()
        self._replies: dict[int, Message] = {}
        self._number = 0
        self.hello: Message = {}
        self.state: Message = {}
        self.call: Message | None = None
        self.queues: list[Message] = []
        self.bye = ""
        self.sequence: list[int] = []
        self._connected = ExitStack()
        self._socket: ClientConnection = self._connected.enter_context(connect(browser.ticket(), open_timeout=10))
        threading.Thread(target=self._read, daemon=True).start()
        self.wait("hello", lambda: bool(self.hello))
        self.sound = self._open_sound()

    def _open_sound(self) -> Sound:
        peer = Peer()
        peer.take(self.do("rtc-offer", sdp=peer.offer())["sdp"])
        sound = Sound(peer)
        sound.start()
        wait_for("the agent's audio", lambda: sound.up, 10)
        return sound

    def _read(self) -> None:
        try:
            for text in self._socket:
                with self._changed:
                    self._take(json.loads(text))
                    self._changed.notify_all()
        except ConnectionClosed:
            return

    def _take(self, message: Message) -> None:
        self.sequence.append(message["seq"])
        kind = message["t"]
        if kind == "hello":
            self.hello, self.state, self.call = message, message["state"], message["call"]
            self.queues = message["queues"]
        elif kind == "setup":
            self.hello = {**self.hello, **message}
        elif kind == "agent":
            self.state = message["state"]
        elif kind == "call":
            self.call = message["call"]
        elif kind == "queues":
            self.queues = message["queues"]
        elif kind == "reply":
            self._replies[message["re"]] = message
        elif kind == "bye":
            self.bye = message["why"]

    def wait(self, what: str, check: Callable[[], Any], timeout_s: float = 30.0) -> Any:
        """The first true result of ``check``, looked at after each message."""
        end = time.monotonic() + timeout_s
        with self._changed:
            while not (result := check()):
                left = end - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"{what}: not within {timeout_s} s; state {self.state}, call {self.call}")
                self._changed.wait(min(left, 0.2))
        return result

    def do(self, op: str, **fields: Any) -> Message:
        """An operation and its reply; AssertionError when it is refused."""
        self._number += 1
        number = self._number
        self._socket.send(json.dumps({"id": number, "op": op, **fields}))
        reply: Message = self.wait(f"the reply to {op}", lambda: self._replies.pop(number, None))
        assert reply["ok"], reply
        return reply

    def ready(self) -> None:
        """示闲. A waiting call may ring at once."""
        self.do("state", state="ready")
        self.wait_on_duty()

    def wait_on_duty(self) -> None:
        """Until the agent takes calls (or has one already)."""
        resting = ("offline", "break", "wrap-up")
        self.wait("on duty", lambda: self.state.get("state", "offline") not in resting)

    def wait_state(self, state: str, timeout_s: float = 30.0) -> Message:
        """Until the agent is in that state."""
        self.wait(f"agent state {state}", lambda: self.state.get("state") == state, timeout_s)
        return self.state

    def wait_call(self, state: str, timeout_s: float = 30.0) -> Message:
        """The agent's call once it is in that state."""

        def found() -> Message | None:
            return self.call if self.call and self.call["state"] == state else None

        call: Message = self.wait(f"a call {state}", found, timeout_s)
        return call

    def accept(self) -> Message:
        """Take the ringing call and speak."""
        call = self.wait_call("ringing")
        self.do("accept", call=call["id"])
        self.sound.speaking = True
        return self.wait_call("talking")

    def leave(self) -> None:
        """Close the tab properly and go offline."""
        if not self.bye:
            self.do("state", state="offline")
        self._connected.close()
        self.sound.stop()

    def kill(self) -> None:
        """The tab is gone: no goodbye on any connection."""
        self._socket.socket.shutdown(2)
        self.sound.stop()


@contextmanager
def working(system: System, browser: Browser) -> Iterator[Agent]:
    """An agent who is ready."""
    agent = Agent(system, browser)
    try:
        agent.ready()
        yield agent
    finally:
        agent.leave()
