"""Codes that change with time, as RFC 6238 defines them (HMAC-SHA-1, as authenticator apps expect)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
from urllib.parse import quote, urlencode

import qrcode
from markupsafe import Markup

SECRET_BYTES = 20
"""RFC 4226 recommends 160 bits."""


def new_secret() -> str:
    """A new secret in Base32, as apps take it typed."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def code_at(secret: str, step: int, digits: int = 6) -> str:
    """The code of one time step (RFC 4226, section 5.3)."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}d}"


def step_of(
    secret: str, code: str, now_s: float, *, step_s: int, digits: int, either_side: int
) -> int | None:
    """The time step whose code this is, if it is near ``now_s``; the newest of several. Every one is compared."""
    given = "".join(code.split())
    current, found = int(now_s) // step_s, None
    for step in range(current - either_side, current + either_side + 1):
        if step >= 0 and hmac.compare_digest(code_at(secret, step, digits).encode(), given.encode()):
            found = step
    return found


def address(secret: str, account: str, *, step_s: int, digits: int) -> str:
    """What the square code says to the app."""
    query = urlencode(
        {"secret": secret, "issuer": "Milepost", "period": step_s, "digits": digits}, quote_via=quote
    )
    return f"otpauth://totp/{quote(f'Milepost:{account}')}?{query}"


def square_code(text: str, title: str) -> Markup:
    """The text as a QR code: SVG with neither style nor script, so that the security policy lets it show."""
    code = qrcode.QRCode(border=4)
    code.add_data(text)
    code.make()
    matrix = code.get_matrix()
    size = len(matrix)
    dots = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark)
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{side}" height="{side}" viewBox="0 0 {size} {size}"'
        ' shape-rendering="crispEdges"><title>{title}</title><path fill="#fff" d="M0 0h{size}v{size}H0z"/>'
        '<path fill="#000" d="{dots}"/></svg>'
    )
    return Markup(drawing).format(side=size * 5, size=size, title=title, dots=dots)
