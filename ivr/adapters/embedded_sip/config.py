"""What the embedded line must be told; app/bootstrap.py fills it from settings and policy."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class EmbeddedSipConfig:
    """The first half mirrors the settings; the timers below it change only in tests."""

    host: str = "0.0.0.0"  # noqa: S104 - a telephone line listens on the network
    port: int = 5060
    """UDP and TCP; 0 takes a free one."""
    advertised_host: str = ""
    """Address for Contact and SDP; empty: the one this machine would reach the peer from."""
    allowed_peers: tuple[str, ...] = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    rtp_port_min: int = 20000
    rtp_port_max: int = 24999
    max_calls: int = 100
    line_number: str = "12345"
    trunk: str = ""
    """`host`, `host:port`, or `host:port;transport=tcp`."""
    trunk_username: str = ""
    trunk_password: str = field(default="", repr=False)
    trunk_register: bool = False
    dead_media_s: float = 20.0

    t1_s: float = 0.5
    """RFC 3261 T1; every other SIP timer follows from it."""
    no_reply_s: float = 8.0
    """An outbound INVITE without any answer, not even 100, is given up after this."""
    retry_after_s: int = 10
    register_expires_s: int = 300
    stop_within_s: float = 5.0
    """How long `stop` waits for scripts to finish and for the other sides to confirm."""
