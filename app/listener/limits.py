"""How much one child of the listener may be asked for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListenerLimits:
    streams: int = 16
    """At once in one child; one more is told so at once."""
    streams_served: int = 500
    """Then the child is replaced, and so it is when it has grown by `growth_bytes`."""
    growth_bytes: int = 128 << 20
    handshake_s: float = 2.0
    idle_s: float = 5.0
    """Without sound for so long a stream is over: its caller's process is dead or half gone."""
    stream_s: float = 300.0
    """The longest stream, in time and in sound; longer than any message."""
    message_bytes: int = 1 << 16
    phrases: int = 200
    phrase_length: int = 32
    step_s: float = 5.0
    """A piece of sound that takes longer than this hangs."""
    drain_s: float = 10.0
    """What is still spoken when the listener is told to stop is heard for so long."""
