"""The listener that `live_speech.py` measures: one child on one core."""

import os

from app.listener.limits import ListenerLimits
from app.listener.parent import ListenerParent
from app.tether import die_with_parent
from asr.adapters.vosk_live import VoskStreams
from config.logging_setup import configure_logging
from config.settings import ROOT

MODEL = ROOT / "asr" / "models" / "mini-cn"


class _OneModel:
    """LiveModels that never change."""

    def load(self) -> VoskStreams:
        return VoskStreams(MODEL)

    def follow(self) -> None:
        return None


def listen_on_one_core(port: int, core: int, streams: int) -> None:
    """Until SIGTERM."""
    configure_logging(level="ERROR", as_json=False, process="bench-listener")
    die_with_parent()
    os.sched_setaffinity(0, {core})
    limits = ListenerLimits(streams=streams, streams_served=1 << 30)
    ListenerParent(_OneModel(), ("127.0.0.1", port), children=1, limits=limits).run()
