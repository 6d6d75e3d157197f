"""The telephone line on an Asterisk: ARI for signalling, chan_websocket for sound (docs/asterisk.md, ADR 19)."""

from ivr.adapters.asterisk.config import AsteriskConfig
from ivr.adapters.asterisk.dialler import AsteriskDialler
from ivr.adapters.asterisk.line import AsteriskLine

__all__ = ["AsteriskConfig", "AsteriskDialler", "AsteriskLine"]
