"""What the Asterisk line must be told; app/bootstrap.py fills it from settings and policy."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AsteriskConfig:
    """The first half mirrors the settings; the timers below it change only in tests."""

    url: str
    """ARI's address: `http://host:8088/ari`."""
    user: str = "hotline"
    password: str = field(default="", repr=False)
    app: str = "hotline"
    """The Stasis application; a second process of the same name takes the line away from the first."""
    media_client: str = "hotline-media"
    """The connection in websocket_client.conf whose address is our media server."""
    media_host: str = "127.0.0.1"
    media_port: int = 8016
    """0 takes a free one."""
    max_calls: int = 100
    line_number: str = "12345"
    trunk: str = ""
    """The PJSIP endpoint that outbound calls go through; `sip:` URIs go through it too."""

    reply_within_s: float = 5.0
    """A request without a reply is given up after this."""
    media_within_s: float = 3.0
    """How long Asterisk may take to connect the sound of a call."""
    destroyed_within_s: float = 0.5
    """After a call left our application: how long its last words (the cause) are waited for."""
    retry_from_s: float = 0.1
    retry_up_to_s: float = 5.0
    replaced_look_s: float = 5.0
    """How often a process whose line was taken looks whether the other one is still there."""
    gone_after_s: float = 10.0
    """Calls whose sound is gone too end when Asterisk was away for so long."""
    talk_gone_after_s: float = 600.0
    """The same for people who talk with each other: they do so inside Asterisk, and need nothing of us."""
    ping_every_s: float = 5.0
    stop_within_s: float = 5.0
