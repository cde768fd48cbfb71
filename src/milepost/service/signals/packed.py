"""Messages packed with gzip (``Content-Encoding: gzip``), unpacked no further than a message may be long."""

from __future__ import annotations

import zlib

MEMBERS_AT_MOST = 64
"""Of one message. The rest is copied for each: ten megabytes of empty ones would keep a thread busy for hours."""
GZIP_ONLY = 31
"""``wbits`` of zlib for a gzip header and its checksum at the end."""


class NotGzip(ValueError):
    """The bytes are no whole gzip file: another packing, cut off, or damaged on the way."""


class TooLarge(ValueError):
    """It would come to more bytes than are allowed; no more than those were unpacked."""


def unpack(packed: bytes, at_most: int) -> bytes:
    """The bytes that were packed. Several members, one after the other, are one message (RFC 1952).

    Raises:
        NotGzip: it is not whole, its checksum does not fit, or it has too many members.
        TooLarge: it comes to more than ``at_most`` bytes.
    """
    whole = b""
    for _ in range(MEMBERS_AT_MOST):
        member = zlib.decompressobj(wbits=GZIP_ONLY)
        try:
            whole += member.decompress(packed, at_most + 1 - len(whole))
        except zlib.error as error:
            raise NotGzip(str(error)) from None
        if len(whole) > at_most:
            raise TooLarge
        if not member.eof:
            raise NotGzip("it is cut off")
        packed = member.unused_data
        if not packed:
            return whole
    raise NotGzip(f"it has more than {MEMBERS_AT_MOST} members")
