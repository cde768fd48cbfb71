"""What a limit counts for an address of the network.

A household or a server has 2^64 addresses of IPv6 and may use a new one for each attempt: so they are counted by /64
(RFC 6177: no site gets less). An address of IPv4 is the same however it is written (RFC 4291, section 2.5.5.2).
"""

from __future__ import annotations

import ipaddress

COUNTED_BITS = 64


def counted_as(address: str) -> str:
    """The one name under which attempts from ``address`` are counted; what is no address is its own name.

    Takes what proxies write as well: brackets, a port, a zone.

    >>> counted_as("2001:db8:1:2:3:4:5:6"), counted_as("::ffff:192.0.2.1"), counted_as("192.0.2.1:4711")
    ('2001:db8:1:2::/64', '192.0.2.1', '192.0.2.1')
    """
    bare = address.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return address.strip()
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, COUNTED_BITS), strict=False))
    return str(found)
