"""From the upload of a voice message over HTTP to its stored transcript, in a whole running hotline.

The sounds are small MP3 files, as a page in a telephone's browser sends them. One at a time: nobody waits for another.
"""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.bench.figures import Aim, Figure, percentile
from app.bootstrap import Services, build_services
from app.demo.house import House
from app.demo.story import SAID
from app.demo.voice import synthesise
from asr.adapters.ffmpeg import packaged_program
from asr.domain.transcript import TranscriptFacts
from kit.errors import NotFound, Unavailable

_AIM_MS = 250.0
_TRANSCRIPT_WITHIN_S = 60.0
_LOOK_EVERY_S = 0.02


class TranscriptMissing(Unavailable):
    code = "bench.transcript_missing"


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload's way; all in milliseconds."""

    answered: float
    """Sending begun → answered: kept durably."""
    total: float
    """Sending begun → transcript complete."""
    recognition: float

    @property
    def beyond_recognition(self) -> float:
        return self.total - self.recognition


def measure_upload_delay(house: House, folder: Path, *, messages: int = 30) -> list[Figure]:
    """The first message, which may fork the worker's horse, does not count."""
    sound = _mobile_sound(folder)
    services = build_services(house.settings)
    client = services.intake_clients.add("bench", house.settings.line_number)
    headers = {"Authorization": f"Bearer {client.token}"}
    with httpx.Client(base_url=f"{house.url}/api/v1", headers=headers, timeout=20) as http:
        uploads = [_upload(http, services, sound, f"bench-{number}") for number in range(messages + 1)][1:]

    def of(value: Callable[[Upload], float], share: float) -> float:
        return round(percentile([value(each) for each in uploads], share), 1)

    text = "upload → transcript beyond recognition,"
    beyond_p95 = of(lambda each: each.beyond_recognition, 0.95)
    return [
        Figure("upload_messages", f"uploads, MP3 of {len(sound) / 1000:.0f} kB", len(uploads), "messages"),
        Figure("upload_answer_p95_ms", "upload → answer, p95", of(lambda each: each.answered, 0.95), "ms"),
        Figure("upload_total_p95_ms", "upload → transcript, whole, p95", of(lambda each: each.total, 0.95), "ms"),
        Figure("upload_beyond_p50_ms", f"{text} p50", of(lambda each: each.beyond_recognition, 0.5), "ms"),
        Figure("upload_beyond_p95_ms", f"{text} p95", beyond_p95, "ms", Aim.below(_AIM_MS)),
    ]


def _mobile_sound(folder: Path) -> bytes:
    wav, mp3 = folder / "upload.wav", folder / "upload.mp3"
    synthesise(SAID, wav)
    subprocess.run([packaged_program(), "-v", "error", "-y", "-i", wav, "-ar", "16000", "-b:a", "32k", mp3], check=True)
    return mp3.read_bytes()


def _upload(http: httpx.Client, services: Services, sound: bytes, external_id: str) -> Upload:
    fields = {"external_id": external_id, "caller": "13900000001"}
    begun_s = time.time()
    answer = http.post("/voice-messages", data=fields, files={"audio": ("message.mp3", sound)}).raise_for_status()
    answered_s = time.time()
    transcript = _transcript(services, answer.json()["id"])
    return Upload(
        answered=1000 * (answered_s - begun_s),
        total=1000 * (transcript.created_at.timestamp() - begun_s),
        recognition=transcript.took_ms,
    )


def _transcript(services: Services, message_id: str) -> TranscriptFacts:
    deadline = time.monotonic() + _TRANSCRIPT_WITHIN_S
    while time.monotonic() < deadline:
        try:
            found = services.asr.transcript(services.ivr.message(message_id).recording_id)
        except NotFound:
            found = None  # not taken in yet
        if found is not None:
            if found.failure_code:
                raise TranscriptMissing(f"an upload was not understood: {found.failure_code}")
            return found
        time.sleep(_LOOK_EVERY_S)
    raise TranscriptMissing(f"no transcript within {_TRANSCRIPT_WITHIN_S:.0f} s of the upload")
