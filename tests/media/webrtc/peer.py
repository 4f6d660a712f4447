"""A browser made of Python: its own ICE checks, DTLS as client, SRTP; it shares no code with the product."""

from __future__ import annotations

import datetime
import re
import secrets
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

from aioice import stun
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL
from pylibsrtp import Policy, Session

from ccc.media.poller import Poller
from ccc.media.transport import BrowserAnswer
from ccc.media.webrtc import WebRtcMux

SSRC_OUT = 0x0BADCAFE
HASHES = {"sha-256": hashes.SHA256(), "sha-384": hashes.SHA384(), "sha-512": hashes.SHA512()}
LIBSRTP = {
    b"SRTP_AEAD_AES_128_GCM": (Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 16, 12),
    b"SRTP_AES128_CM_SHA1_80": (Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 16, 14),
}
OFFER = """v=0
o=- {session} 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=extmap-allow-mixed
a=msid-semantic: WMS
m=audio 9 UDP/TLS/RTP/SAVPF 8 0 126
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=candidate:1 1 udp 2113937151 3f5e.local 51472 typ host generation 0 network-cost 999
a=ice-ufrag:{ufrag}
a=ice-pwd:{pwd}
a=ice-options:trickle
a=fingerprint:{fingerprint}
a=setup:actpass
a=mid:0
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=sendrecv
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:8 PCMA/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:126 telephone-event/8000
a=ssrc:195948557 cname:x
"""


class DtlsClient:
    """The active side of a DTLS-SRTP association over datagrams that the test carries."""

    def __init__(self, profiles: bytes = b"SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80") -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "peer")])
        now = datetime.datetime.now(datetime.UTC)
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(1))
        self.certificate = builder.not_valid_after(now + datetime.timedelta(9)).sign(key, hashes.SHA256())
        context = SSL.Context(SSL.DTLS_METHOD)
        context.set_verify(SSL.VERIFY_PEER, lambda *_: True)
        context.use_certificate(self.certificate)
        context.use_privatekey(key)
        if profiles:
            context.set_tlsext_use_srtp(profiles)
        self._context = context
        self.begin()

    def begin(self) -> None:
        """A new handshake with the same certificate."""
        self.ssl = SSL.Connection(self._context)
        self.ssl.set_connect_state()
        self.up = False
        self.closed = False

    def fingerprint(self, name: str = "sha-256") -> str:
        return f"{name} {self.certificate.fingerprint(HASHES[name]).hex(':').upper()}"

    def advance(self, datagram: bytes | None = None) -> list[bytes]:
        """Take a datagram (or begin) and return what is to be sent, one record a datagram."""
        if datagram is not None:
            self.ssl.bio_write(datagram)
        try:
            if self.up:
                self.ssl.recv(2048)
            else:
                self.ssl.do_handshake()
                self.up = True
        except SSL.WantReadError:
            pass
        except SSL.Error:
            self.closed = True
        return self.flush()

    def flush(self) -> list[bytes]:
        try:
            stream = self.ssl.bio_read(65_536)
        except SSL.Error:
            return []
        records = []
        while stream:
            end = 13 + int.from_bytes(stream[11:13], "big")
            records.append(stream[:end])
            stream = stream[end:]
        return records

    def close(self) -> list[bytes]:
        self.ssl.shutdown()
        return self.flush()

    def sessions(self) -> tuple[Session, Session]:
        """SRTP out and in."""
        profile, key, salt = LIBSRTP[self.ssl.get_selected_srtp_profile()]
        material = self.ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", 2 * (key + salt))
        client = material[:key] + material[2 * key : 2 * key + salt]
        server = material[key : 2 * key] + material[2 * key + salt :]
        return (
            Session(Policy(key=client, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile)),
            Session(Policy(key=server, ssrc_type=Policy.SSRC_ANY_INBOUND, srtp_profile=profile)),
        )


class Peer:
    """One browser tab. `poll` handles what has arrived; nothing happens by itself."""

    def __init__(self, *, digest: str = "sha-256", profiles: bytes = b"SRTP_AEAD_AES_128_GCM") -> None:
        self.digest = digest
        self.dtls = DtlsClient(profiles)
        self.session = secrets.randbelow(10**12)
        self.ufrag, self.pwd = secrets.token_hex(4), secrets.token_hex(12)
        self.socket = self._new_socket()
        self.server: tuple[str, int] = ("", 0)
        self.their_ufrag = self.their_pwd = self.their_fingerprint = ""
        self.responses: list[stun.Message] = []
        self.audio: list[bytes] = []
        self.rtcp: list[bytes] = []
        self.longest = 0
        self.srtp: tuple[Session, Session] | None = None
        self._seq = 0

    @staticmethod
    def _new_socket() -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        sock.bind(("127.0.0.1", 0))
        return sock

    def offer(self, fingerprint: str | None = None) -> str:
        text = OFFER.format(
            session=self.session,
            ufrag=self.ufrag,
            pwd=self.pwd,
            fingerprint=fingerprint or self.dtls.fingerprint(self.digest),
        )
        return text.replace("\n", "\r\n")

    def restart_ice(self) -> None:
        self.ufrag, self.pwd = secrets.token_hex(4), secrets.token_hex(12)

    def take(self, answer: str) -> None:
        def line(name: str) -> str:
            found = re.search(rf"^a={name}:(\S.*?)\r$", answer, re.M)
            assert found, name
            return found[1]

        parts = line("candidate").split()
        self.server = (parts[4], int(parts[5]))
        self.their_ufrag, self.their_pwd = line("ice-ufrag"), line("ice-pwd")
        self.their_fingerprint = line("fingerprint")

    def move(self) -> None:
        """Another address, as when the laptop changes from cable to wireless."""
        self.socket.close()
        self.socket = self._new_socket()

    def request(self, *, nominate: bool = True, pwd: str | None = None, controlled: bool = False) -> bytes:
        message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        message.attributes["USERNAME"] = f"{self.their_ufrag}:{self.ufrag}"
        message.attributes["PRIORITY"] = 1853824767
        message.attributes["ICE-CONTROLLED" if controlled else "ICE-CONTROLLING"] = 7
        if nominate:
            message.attributes["USE-CANDIDATE"] = None
        message.add_message_integrity((self.their_pwd if pwd is None else pwd).encode())
        return bytes(message)

    def check(self, **options: Any) -> None:
        self.send(self.request(**options))

    def send(self, data: bytes) -> None:
        self.socket.sendto(data, self.server)

    def start_dtls(self) -> None:
        for datagram in self.dtls.advance():
            self.send(datagram)

    def rtp(self, payload: bytes = b"\xd5" * 160) -> bytes:
        self._seq += 1
        return struct.pack("!BBHII", 0x80, 8, self._seq & 0xFFFF, self._seq * 160 & 0xFFFFFFFF, SSRC_OUT) + payload

    def speak(self, payload: bytes = b"\xd5" * 160) -> bytes:
        """Send one packet; returns it as it went over the wire."""
        assert self.srtp is not None
        sealed = self.srtp[0].protect(self.rtp(payload))
        self.send(sealed)
        return sealed

    def send_rtcp(self, packet: bytes) -> None:
        assert self.srtp is not None
        self.send(self.srtp[0].protect_rtcp(packet))

    def poll(self) -> int:
        """Handle everything that has arrived; the number of datagrams."""
        count = 0
        while True:
            try:
                data = self.socket.recv(2048)
            except BlockingIOError:
                return count
            except ConnectionRefusedError:
                continue
            count += 1
            self.longest = max(self.longest, len(data))
            if data[0] < 4:
                self.responses.append(stun.parse_message(data))
            elif data[0] < 64:
                for datagram in self.dtls.advance(data):
                    self.send(datagram)
                if self.dtls.up and self.srtp is None and self.dtls.ssl.get_selected_srtp_profile():
                    self.srtp = self.dtls.sessions()
            elif self.srtp is not None:
                if 192 <= data[1] <= 223:
                    self.rtcp.append(self.srtp[1].unprotect_rtcp(data))
                else:
                    self.audio.append(self.srtp[1].unprotect(data))


class Bench:
    """A mux on a Poller whose time the test owns, and what its leg's owner would note."""

    def __init__(self, **options: Any) -> None:
        self.now = 1000.0
        self.poller = Poller(lambda: self.now)
        self.mux = WebRtcMux(self.poller, "127.0.0.1", 0, **options)
        self.states: list[tuple[str, str]] = []
        self.packets: list[bytes] = []
        self.reports: list[bytes] = []
        self.opened: BrowserAnswer | None = None

    def open(self, peer: Peer, leg_id: str = "a", *, fingerprint: str | None = None, ssrc: int = 77) -> BrowserAnswer:
        self.opened = self.mux.open(
            leg_id,
            peer.offer(fingerprint),
            ssrc,
            lambda packet, _now: self.packets.append(packet),
            lambda state, why: self.states.append((state, why)),
            lambda packet, _now: self.reports.append(packet),
        )
        peer.take(self.opened.sdp)
        return self.opened

    def reoffer(self, peer: Peer, leg_id: str = "a") -> BrowserAnswer:
        self.opened = self.mux.reoffer(leg_id, peer.offer())
        peer.take(self.opened.sdp)
        return self.opened

    def pump(self, *peers: Peer) -> None:
        """Carry datagrams to and fro until nothing moves."""
        quiet = 0
        while quiet < 3:
            self.poller.round(0.002)
            quiet = 0 if sum(peer.poll() for peer in peers) else quiet + 1

    def until(self, condition: Callable[[], bool], *peers: Peer, timeout_s: float = 5.0) -> None:
        end = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < end, "did not happen"
            self.pump(*peers)

    def pass_time(self, seconds: float, *peers: Peer) -> None:
        """Let time go by in steps of a quarter second."""
        for _ in range(round(seconds * 4)):
            self.now += 0.25
            self.pump(*peers)

    def connect(self, peer: Peer) -> None:
        """Check, handshake."""
        peer.check()
        self.pump(peer)
        peer.start_dtls()
        self.until(lambda: peer.srtp is not None, peer)

    def close(self) -> None:
        self.mux.shutdown()
        self.poller.close()
