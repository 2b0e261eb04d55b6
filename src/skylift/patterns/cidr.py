"""Blocks of addresses, as Event Ruler reads them: decimal octets, a mask that leaves at least two
addresses, host bits dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from .wrong import Unfit

V4 = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){3}")
V6 = re.compile(r"[0-9a-fA-F]*:[0-9a-fA-F:]*")
REMEDY = 'write a block: {"cidr": "10.0.0.0/24"} or {"cidr": "2001:db8::/32"}'
BITS_MAX = {4: 31, 6: 127}


def block(operand: str) -> Callable[[Any], bool]:
    address, slash, bits = operand.partition("/")
    found = _address(address)
    if found is None or not slash or not re.fullmatch("[0-9]{1,3}", bits):
        raise Unfit(f"{operand!r} is no block of addresses", REMEDY)
    most = BITS_MAX[found.version]
    if int(bits) > most:
        reason = f"{operand!r}: a mask of IPv{found.version} has 0 to {most} bits"
        raise Unfit(reason, f"one address is written as it is: [{address!r}]")
    network = ip_network(f"{found}/{int(bits)}", strict=False)

    def test(value: Any) -> bool:
        if type(value) is not str:
            return False
        given = _address(value)
        return given is not None and given.version == network.version and given in network

    return test


def _address(text: str) -> IPv4Address | IPv6Address | None:
    if V4.fullmatch(text):
        text = ".".join(str(int(octet)) for octet in text.split("."))  # 010 is ten
    elif not V6.fullmatch(text):
        return None
    try:
        return ip_address(text)
    except ValueError:
        return None
