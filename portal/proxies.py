"""Which address a request really comes from, behind proxies of ours. Pure."""

import ipaddress
from collections.abc import Iterable, Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# An address is at most 45 characters; a longer list than this is nobody's chain of proxies.
LONGEST_CHAIN = 20


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """'10.0.0.0/8', '192.0.2.7' as networks; ValueError names the first text that is neither."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def address_in(text: str) -> Address | None:
    """The address in '192.0.2.7', '192.0.2.7:443', '[2001:db8::1]:443', '::ffff:192.0.2.7'; else None."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_trusted(address: Address | None, trusted: Sequence[Network]) -> bool:
    return address is not None and any(address in network for network in trusted)


def client_address(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """The nearest address that is not a proxy of ours, walking X-Forwarded-For from the right.

    Each trusted proxy vouches for the entry it appended and no further; the first entry that is
    nobody's address ends the walk, so that what a visitor wrote himself is never taken.
    """
    here = address_in(peer)
    if not is_trusted(here, trusted):
        return str(here) if here else ""
    for entry in reversed(forwarded_for.split(",")[-LONGEST_CHAIN:]):
        previous = address_in(entry)
        if previous is None:
            break
        here = previous
        if not is_trusted(here, trusted):
            break
    return str(here)
