"""Who is at the other end of a connection: the same answer for requests and sockets."""

import ipaddress
from collections.abc import Mapping
from typing import Any

from medcab.settings import get_settings


def address_of(scope: Mapping[str, Any]) -> str:
    """The browser's address, past as many proxies as are ours; empty when there is none.

    A proxy may add a header of its own instead of going on with the browser's: all of them are one list, and ours wrote its end.
    """
    peer = scope["client"][0] if scope.get("client") else ""
    hops = get_settings().trusted_proxies
    said = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for").decode("latin-1")
    chain = [part.strip() for part in said.split(",") if part.strip()]
    try:
        found = ipaddress.ip_address(chain[-hops] if 0 < hops <= len(chain) else peer)
    except ValueError:
        return ""
    return str(getattr(found, "ipv4_mapped", None) or found)


def network_of(address: str) -> str:
    """What one visitor holds: an IPv4 address, or the /64 of an IPv6 one."""
    return str(ipaddress.ip_network(f"{address}/64", strict=False)) if ":" in address else address
