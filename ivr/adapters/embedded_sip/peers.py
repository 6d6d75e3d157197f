"""Who may talk to the line, and which of our addresses a peer sees."""

import ipaddress
import socket
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

_CACHE_LIMIT = 4096


class PeerList:
    """The allow-list (CIDR) plus hosts that the line itself is talking to just now."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = [ipaddress.ip_network(text, strict=False) for text in networks]
        self._trusted: Counter[str] = Counter()
        self._verdicts: dict[str, bool] = {}

    def trust(self, host: str) -> None:
        """Let a host in that we dial or register with; counted, so each needs its `distrust`."""
        self._trusted[host] += 1

    def distrust(self, host: str) -> None:
        self._trusted[host] -= 1
        if self._trusted[host] <= 0:
            del self._trusted[host]

    @contextmanager
    def trusting(self, host: str) -> Iterator[None]:
        self.trust(host)
        try:
            yield
        finally:
            self.distrust(host)

    def allows(self, host: str) -> bool:
        if host in self._trusted:
            return True
        verdict = self._verdicts.get(host)
        if verdict is None:
            if len(self._verdicts) >= _CACHE_LIMIT:
                self._verdicts.clear()
            verdict = self._verdicts[host] = self._is_listed(host)
        return verdict

    def _is_listed(self, host: str) -> bool:
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self._networks)


def is_address(host: str) -> bool:
    """An IPv4 literal, so that no name has to be looked up."""
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


def local_address_towards(host: str) -> str:
    """The address this machine would send from; nothing is sent (connecting UDP only asks the routing table)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((host, 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
