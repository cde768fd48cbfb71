"""Where a webhook may be sent: to machines outside, by https. An address that leads inside would let whoever can
make a webhook ask machines that trust this one (server-side request forgery).

The name is looked up once, every address it has is checked, and the request goes to the one that was checked: a name
that answers differently a moment later changes nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class BadAddress(Exception):
    """It may not be sent to. The text says why and what to do; it tells nothing of what is inside."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send: the name for TLS and the Host header, the address to connect to."""

    scheme: str
    host: str
    port: int
    path: str
    address: str

    @property
    def host_header(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"https": 443, "http": 80}[self.scheme]
        return name if self.port == usual else f"{name}:{self.port}"

    @property
    def url(self) -> str:
        """With the checked address in place of the name."""
        place = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.scheme}://{place}:{self.port}{self.path}"


def check_address(url: str) -> Target:
    """Looks the name up and checks it.

    Raises:
        BadAddress: not https, with a name or password in it, unknown, or an address that is not public.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        raise BadAddress(_("This is not an address. Check it.")) from None
    host = parts.hostname or ""
    if parts.scheme not in ("https", "http") or not host:
        raise BadAddress(_("The address has to begin with https://."))
    if parts.username is not None or parts.password is not None:
        raise BadAddress(_("Leave the name and password out of the address."))
    if not url.isascii() or any(ord(c) <= 32 for c in url):
        raise BadAddress(_("The address has characters that an address cannot have."))
    found = _look_up(host, port)
    if parts.scheme == "http" and not (settings.DEMO and all(a.is_loopback for a in found)):
        raise BadAddress(_("The address has to begin with https://."))
    for address in found:
        if not _may_send_to(address):
            raise BadAddress(_("The address leads to a machine that webhooks may not reach."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, str(found[0]))


def _look_up(host: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise BadAddress(_("This name is not known. Check the address.")) from None
    addresses = [ipaddress.ip_address(str(info[4][0]).split("%")[0]) for info in found]
    if not addresses:
        raise BadAddress(_("This name is not known. Check the address."))
    return addresses


def _may_send_to(address: Address) -> bool:
    inner = _inside(address)
    for network in settings.WEBHOOK_NETWORKS:
        if any(a in ipaddress.ip_network(network) for a in inner):
            return True
    if settings.DEMO and all(a.is_loopback for a in inner):
        return True
    return all(a.is_global and not a.is_multicast for a in inner)


def _inside(address: Address) -> list[Address]:
    """The address and those it carries: an IPv4 address in an IPv6 one."""
    found: list[Address] = [address]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return [address.ipv4_mapped]
        if address.sixtofour is not None:
            found.append(address.sixtofour)
        if address.teredo is not None:
            found.extend(address.teredo)
        if address in NAT64:
            found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return found
