"""Tells clients how their messages stand: signed POSTs."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from urllib.parse import urlsplit

from app.bootstrap import Services
from app.courier import ANSWER_WITHIN_S, Courier, Post
from app.views.upload_progress import upload_progress
from intake.domain.delivery import DeliveryFacts
from intake.domain.signature import signature_of


def webhooks(services: Services, *, answer_within_s: float = ANSWER_WITHIN_S) -> Courier[DeliveryFacts]:
    return Courier(_StagesOfMessages(services), services.clock, answer_within_s=answer_within_s)


class _StagesOfMessages:
    name = "webhooks"

    def __init__(self, services: Services) -> None:
        self._services = services
        self.delivered = services.intake.delivered
        self.not_delivered = services.intake.not_delivered
        self.put_back = services.intake.put_back

    def take_due(self, resting: Sequence[str]) -> Sequence[DeliveryFacts]:
        return self._services.intake.take_due_deliveries(resting)

    def post_of(self, letter: DeliveryFacts) -> Post:
        with self._services.db.reading() as session:
            progress = upload_progress(session, letter.upload_id)
        told = {"delivery_id": letter.id, "stage": letter.stage, "round": letter.round}
        body = json.dumps(told | {"message": asdict(progress)}, default=_plain, ensure_ascii=False).encode()
        timestamp = str(int(self._services.clock.now().timestamp()))
        path = urlsplit(letter.url).path or "/"
        signature = signature_of(letter.secret, timestamp, "POST", path, hashlib.sha256(body).hexdigest())
        headers = {
            "Content-Type": "application/json",
            "X-Hotline-Timestamp": timestamp,
            "X-Hotline-Signature": signature,
        }
        return Post(body, headers)


def _plain(value: object) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
