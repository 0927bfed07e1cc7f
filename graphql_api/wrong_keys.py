"""Addresses that send wrong API keys are slowed down."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

logger = structlog.stdlib.get_logger(__name__)

ADDRESSES_MAXIMUM = 10_000
"""How many addresses are remembered, those that sent wrong keys most lately."""

_SECONDS = 60.0
_IPV6_NETWORK = 64
"""What one customer of a provider has at least, so that another address of it costs nothing."""


class TooManyWrongKeys(Exception):
    """An address sent too many wrong keys for another to be looked at; `retry_after` is seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many wrong keys; try again in {retry_after} s")
        self.retry_after = retry_after


class _Bucket(NamedTuple):
    left: float
    at: float
    slowed: bool = False


class WrongKeys:
    """A bucket for each address, which holds as many wrong keys as there may be in a minute, and fills within one."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._capacity = float(per_minute)
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def require_patience(self, address: str) -> None:
        """Say that a key from an address may be looked at.

        Raises:
            TooManyWrongKeys: it may not yet.
        """
        if not self._buckets:
            return
        network = _network(address)
        bucket = self._bucket(network)
        if bucket.left >= 1:
            return
        if not bucket.slowed:
            logger.warning("An address sends too many wrong API keys and is slowed down.", address=network)
        self._keep(network, bucket._replace(slowed=True))
        raise TooManyWrongKeys(math.ceil((1 - bucket.left) * _SECONDS / self._capacity))

    def note(self, address: str) -> None:
        """Note that a key from an address was wrong, or that nobody waited to learn it.

        Of a burst all are looked at before the first is noted. They are owed then: that many minutes' keys are used up.
        """
        network = _network(address)
        bucket = self._bucket(network)
        self._keep(network, bucket._replace(left=bucket.left - 1))

    def _bucket(self, network: str) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.get(network)
        if bucket is None:
            return _Bucket(self._capacity, now)
        left = bucket.left + (now - bucket.at) * self._capacity / _SECONDS
        return _Bucket(self._capacity, now) if left >= self._capacity else _Bucket(left, now, bucket.slowed)

    def _keep(self, network: str, bucket: _Bucket) -> None:
        self._buckets[network] = bucket
        self._buckets.move_to_end(network)
        if len(self._buckets) > ADDRESSES_MAXIMUM:
            self._buckets.popitem(last=False)


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        # A socket file has none, and a proxy may have sent anything.
        return "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), _IPV6_NETWORK), strict=False))
