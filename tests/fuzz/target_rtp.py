"""The caller's RTP parser."""

from ccc.caller.rtp import Receiver, Sender, parse

_sender = Sender(b"\x55" * 800, loop=True)
_sender.press("1#")
SEEDS = [packet for _ in range(40) for packet in _sender.tick()]
EXPECTED = ()
_receiver = Receiver()


def feed(data: bytes) -> None:
    """Parse and count."""
    packet = parse(data)
    if packet is not None:
        _receiver.feed(packet, packet.timestamp / 8000)
