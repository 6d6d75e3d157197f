"""The telephone line inside this process: SIP and RTP without a PBX (aiosipua, aiortp)."""

from ivr.adapters.counters import Count, Counters
from ivr.adapters.embedded_sip.config import EmbeddedSipConfig
from ivr.adapters.embedded_sip.dialler import EmbeddedDialler
from ivr.adapters.embedded_sip.line import EmbeddedSipLine

__all__ = ["Count", "Counters", "EmbeddedDialler", "EmbeddedSipConfig", "EmbeddedSipLine"]
