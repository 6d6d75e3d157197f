"""Network addresses of this machine."""

import random
import socket


def free_port() -> int:
    """A loopback port nobody uses now. The system gives it to nobody else; who chooses like this may still take it."""
    return free_port_block(1)


def free_port_block(length: int) -> int:
    """First of `length` ports in a row, free for UDP and TCP, below the range that the system gives out itself."""
    for _ in range(200):
        first = random.randrange(21000, 32000 - length, 2)
        if all(_is_free(port, kind) for port in range(first, first + length) for kind in _KINDS):
            return first
    raise OSError(f"no block of {length} free ports")


_KINDS = (socket.SOCK_STREAM, socket.SOCK_DGRAM)


def _is_free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
