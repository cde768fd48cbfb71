"""A load generator that leaves the processors to the service: plain sockets, kept alive, prepared bytes."""

from __future__ import annotations

import socket
from typing import Any


class Door:
    """One keep-alive connection. A connection that the server closed is opened again once."""

    def __init__(self, port: int, token: str = "", cookie: str = "") -> None:
        self._port = port
        lines = "Host: 127.0.0.1\r\n"
        if token:
            lines += f"Authorization: Bearer {token}\r\n"
        if cookie:
            lines += f"Cookie: milepost_session={cookie}\r\nX-Milepost-Background: yes\r\n"
        self._lines = lines.encode()
        self._socket: socket.socket | None = None
        self._left = b""

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket, self._left = None, b""

    def post(self, path: str, body: bytes, timeout_s: float = 60) -> int:
        """The status. Raises OSError where the answer did not come: nobody knows what became of it."""
        return self.ask("POST", path, body, timeout_s)[0]

    def get(self, path: str, timeout_s: float = 60) -> tuple[int, bytes]:
        return self.ask("GET", path, b"", timeout_s)

    def ask(self, method: str, path: str, body: bytes = b"", timeout_s: float = 60) -> tuple[int, bytes]:
        """Status and body of the answer."""
        head = f"{method} {path} HTTP/1.1\r\nContent-Length: {len(body)}\r\n".encode()
        return self._ask(head + self._lines + b"\r\n" + body, timeout_s)

    def _ask(self, request: bytes, timeout_s: float) -> tuple[int, bytes]:
        for fresh in (self._socket is None, True):
            try:
                if self._socket is None:
                    self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=timeout_s)
                    self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._socket.settimeout(timeout_s)
                self._socket.sendall(request)
                return self._answer()
            except (ConnectionError, TimeoutError):
                self.close()
                if fresh:
                    raise
        raise AssertionError

    def _answer(self) -> tuple[int, bytes]:
        data = self._left
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, body = data.split(b"\r\n\r\n", 1)
        status = int(head.split(b" ", 2)[1])
        fields = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(b":") for line in head.split(b"\r\n")[1:])
        }
        if fields.get(b"transfer-encoding") == b"chunked":
            while not body.endswith(b"0\r\n\r\n"):
                body += self._more()
            self._left = b""
            return status, body
        length = int(fields.get(b"content-length", b"0"))
        while len(body) < length:
            body += self._more()
        body, self._left = body[:length], body[length:]
        if fields.get(b"connection", b"").lower() == b"close":
            self.close()
        return status, body

    def _more(self) -> bytes:
        assert self._socket is not None
        more = self._socket.recv(262_144)
        if not more:
            raise ConnectionResetError("the server closed the connection")
        return more


def cpu_seconds(pids: list[int]) -> dict[str, Any]:
    """Processor seconds used so far by each process (Linux)."""
    import os
    from pathlib import Path

    ticks = os.sysconf("SC_CLK_TCK")
    used: dict[str, Any] = {}
    for pid in pids:
        try:
            after = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        used[str(pid)] = (int(after[11]) + int(after[12])) / ticks
    return used
