"""Recordings over HTTP, with ranges (RFC 9110 14) so that a player can seek."""

from __future__ import annotations

from pathlib import Path

from flask import Response, request, send_file
from werkzeug.datastructures import ContentRange

CHUNK = 1024 * 1024
"""A range answer is cut to this (RFC 9110 15.3.7 allows it): players ask for "from here to the end" and then read
slowly, which would hold a thread for the length of the call."""


def is_first_part() -> bool:
    """True for the request that begins a play or download (later ranges of it are not worth an audit entry)."""
    wanted = request.range
    return wanted is None or not wanted.ranges or (wanted.ranges[0][0] or 0) == 0


def send_recording(path: Path, name: str, *, download: bool) -> Response:
    """The WAV at ``path``, or the part asked for: 200, 206, or 416 when the range lies outside."""
    size = path.stat().st_size
    wanted = request.range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        response = send_file(path, mimetype="audio/wav", as_attachment=download, download_name=name, conditional=False)
        response.headers["Accept-Ranges"] = "bytes"
        return response
    bounds = wanted.range_for_length(size)
    if size and (wanted.ranges[0][0] or 0) < -size:
        bounds = (0, size)  # a suffix longer than the file is the file (RFC 9110 14.1.2)
    if bounds is None:
        response = Response(status=416)
        response.headers["Content-Range"] = f"bytes */{size}"
        return response
    begin, end = bounds[0], min(bounds[1], bounds[0] + CHUNK)
    with path.open("rb") as file:
        file.seek(begin)
        response = Response(file.read(end - begin), status=206, mimetype="audio/wav")
    response.headers["Content-Range"] = ContentRange("bytes", begin, end, size).to_header()
    response.headers["Accept-Ranges"] = "bytes"
    return response
