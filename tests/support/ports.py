"""Free loopback ports."""

from kit.net import free_port

__all__ = ["free_port"]
