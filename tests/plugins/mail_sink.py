"""A mail server of the standard library's sockets: TLS, STARTTLS, log-in, refusals."""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import threading
from pathlib import Path


class Sink:
    """One mail server on loopback; ``mails`` are what it took. ``refuse``: command -> answer. ``password``: the one it
    wants; '' takes any. Without a certificate it speaks no TLS."""

    def __init__(
        self,
        certificate: tuple[Path, Path] | None,
        *,
        tls: bool = False,
        refuse: dict[str, str] | None = None,
        password: str = "",
    ) -> None:
        self.mails: list[str] = []
        self.logins: list[str] = []
        self.secure = False
        self._refuse, self._tls, self._password = refuse or {}, tls, password
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if certificate is not None:
            self._context.load_cert_chain(*certificate)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
                self._serve(connection)
            except OSError:  # closed by the test, or a client that does not trust us
                if self._listener.fileno() < 0:
                    return

    def _serve(self, connection: socket.socket) -> None:
        if self._tls:
            connection = self._context.wrap_socket(connection, server_side=True)
            self.secure = True
        file = connection.makefile("rw", newline="\r\n", encoding="utf-8")

        def say(text: str) -> None:
            file.write(text + "\r\n")
            file.flush()

        say("220 sink")
        while line := file.readline().rstrip("\r\n"):
            verb = line.split(" ")[0].split(":")[0].upper()
            if verb in self._refuse:
                say(self._refuse[verb])
            elif verb == "EHLO":
                say("250-sink\r\n250-STARTTLS\r\n250-8BITMIME\r\n250 AUTH PLAIN")
            elif verb == "STARTTLS":
                say("220 go")
                connection = self._context.wrap_socket(connection, server_side=True)
                self.secure = True
                file = connection.makefile("rw", newline="\r\n", encoding="utf-8")
            elif verb == "AUTH":
                self.logins.append(base64.b64decode(line.split(" ")[2]).decode())
                right = self.logins[-1].rpartition("\0")[2] == self._password or not self._password
                say("235 yes" if right else "535 5.7.8 wrong password")
            elif verb == "DATA":
                say("354 go")
                lines = []
                while (text := file.readline().rstrip("\r\n")) != ".":
                    lines.append(text)
                self.mails.append("\n".join(lines))
                say("250 taken")
            else:
                say("221 bye" if verb == "QUIT" else "250 ok")
            if verb == "QUIT":
                break
        connection.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):  # not connected, says a closed one
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept, which would take one more connection
        self._listener.close()
