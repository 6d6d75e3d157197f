"""Network addresses of this machine."""

import socket


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A loopback port nobody listens on now (somebody else may still take it before you do)."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def free_port_block(length: int, kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    """First port of a block of `length` free loopback ports, outside the ephemeral range's middle."""
    for first in range(21000, 32000, max(length, 10)):
        probes: list[socket.socket] = []
        try:
            for port in range(first, first + length):
                probe = socket.socket(socket.AF_INET, kind)
                probes.append(probe)
                probe.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue
        finally:
            for probe in probes:
                probe.close()
    raise OSError(f"no block of {length} free ports")
