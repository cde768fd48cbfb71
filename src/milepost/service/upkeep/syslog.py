"""One line to a log server, or an error that is seen: the standard library's handler prints errors and goes on."""

from __future__ import annotations

import logging
import socket
import sys
from logging.handlers import SysLogHandler
from urllib.parse import urlsplit

WAIT_S = 10.0


class _Loud(SysLogHandler):
    def handleError(self, record: logging.LogRecord) -> None:
        error = sys.exc_info()[1]
        raise error if isinstance(error, OSError) else OSError(str(error))


def send(address: str, line: str) -> None:
    """Sends ``line`` to ``tcp://host:port``, ``udp://host:port`` or the path of a socket, as facility "audit".

    By UDP nobody says whether it arrived. Raises OSError.
    """
    parts = urlsplit(address)
    if parts.scheme in ("tcp", "udp"):
        kind = socket.SOCK_STREAM if parts.scheme == "tcp" else socket.SOCK_DGRAM
        where: str | tuple[str, int] = (parts.hostname or "", parts.port or 514)
    else:
        kind, where = socket.SOCK_DGRAM, address
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(WAIT_S)  # the handler has no way to say how long to wait
    try:
        handler = _Loud(address=where, facility=SysLogHandler.LOG_LOCAL6, socktype=kind)
    finally:
        socket.setdefaulttimeout(before)
    try:
        # By TCP a log server knows lines by their ends (RFC 6587, section 3.4.2), by UDP by the datagram.
        handler.append_nul = False
        end = "\n" if kind is socket.SOCK_STREAM else ""
        handler.emit(logging.LogRecord("milepost", logging.INFO, "", 0, f"milepost: {line}{end}", None, None))
    finally:
        handler.close()
