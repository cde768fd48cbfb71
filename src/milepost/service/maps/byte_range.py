"""The part of a file that an HTTP request asks for (RFC 9110, section 14). One range; more are answered whole."""

from __future__ import annotations

import re
from dataclasses import dataclass

SPEC = re.compile(r"^bytes=(\d*)-(\d*)$")


class BadRange(ValueError):
    """No byte of the file lies in the range: 416."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    first: int
    last: int
    """The last byte that is sent, not the one after it."""

    @property
    def length(self) -> int:
        return self.last - self.first + 1


def requested_range(header: str | None, size: int) -> ByteRange | None:
    """The range in a file of ``size`` bytes; None where the whole file is to be sent.

    A header that cannot be understood is passed over, as the RFC says. Raises ``BadRange`` where it can
    be, and names nothing that exists.
    """
    match = SPEC.match((header or "").replace(" ", ""))
    if match is None or match.group(0) == "bytes=-":
        return None
    first_text, last_text = match.groups()
    if not first_text:
        wanted = int(last_text)
        if wanted == 0 or size == 0:
            raise BadRange(header)
        return ByteRange(max(0, size - wanted), size - 1)
    first = int(first_text)
    last = min(int(last_text), size - 1) if last_text else size - 1
    if last_text and int(last_text) < first:
        return None
    if first >= size:
        raise BadRange(header)
    return ByteRange(first, last)
