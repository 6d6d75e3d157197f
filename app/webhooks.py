"""Tells clients how their messages stand: signed POSTs, at least once each, from threads of the scheduler process.

Clients that are slow or dead can delay the others' news by one round of tries, and hold up nothing of the hotline.
"""

import hashlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from urllib.parse import urlsplit

import httpx
import structlog

from app.bootstrap import Services
from app.views.database_health import DATABASE_AWAY
from app.views.upload_progress import upload_progress
from intake.domain.delivery import DeliveryFacts
from intake.domain.signature import signature_of
from kit.http_deadline import HttpDeadline

log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 1.0
_ANSWER_WITHIN_S = 5.0
_THREADS = 4


class Webhooks:
    """`look` sends what is due once; `run` does so for ever."""

    def __init__(self, services: Services, *, answer_within_s: float = _ANSWER_WITHIN_S) -> None:
        self._services = services
        self._answer_within_s = answer_within_s
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="webhook")
        self._client = httpx.Client(
            timeout=answer_within_s, follow_redirects=False, trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),  # a deadline ends a connection of its own
        )  # fmt: skip

    def run(self, stopped: threading.Event) -> None:
        is_away = False
        while not stopped.is_set():
            try:
                self.look()
                is_away = False
            except DATABASE_AWAY as error:
                if not is_away:
                    log.error("app.webhooks.database_away", reason=type(error).__name__)  # noqa: TRY400 - no trace needed
                is_away = True
            except Exception:
                log.exception("app.webhooks.look_failed")
            stopped.wait(_LOOK_EVERY_S)
        self._threads.shutdown(wait=False, cancel_futures=True)  # what was not sent is due again after its lease

    def look(self) -> None:
        due = self._services.intake.take_due_deliveries()
        list(self._threads.map(self._tell, due))

    def _tell(self, delivery: DeliveryFacts) -> None:
        try:
            with (
                HttpDeadline(self._answer_within_s) as deadline,
                self._client.stream(
                    "POST", delivery.url, extensions=deadline.extensions, **self._request(delivery)  # type: ignore[arg-type]
                ) as answer,
            ):  # fmt: skip
                status, is_success = answer.status_code, answer.is_success  # its body may have no end: nobody reads it
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._services.intake.not_delivered(delivery, type(error).__name__)
            return
        if is_success:
            self._services.intake.delivered(delivery, str(status))
            log.info("app.webhooks.delivered", delivery_id=delivery.id, upload_id=delivery.upload_id)
        else:
            self._services.intake.not_delivered(delivery, str(status))

    def _request(self, delivery: DeliveryFacts) -> dict[str, object]:
        with self._services.db.reading() as session:
            progress = upload_progress(session, delivery.upload_id)
        told = {"delivery_id": delivery.id, "stage": delivery.stage, "round": delivery.round}
        body = json.dumps(told | {"message": asdict(progress)}, default=_plain, ensure_ascii=False).encode()
        timestamp = str(int(self._services.clock.now().timestamp()))
        path = urlsplit(delivery.url).path or "/"
        signature = signature_of(delivery.secret, timestamp, "POST", path, hashlib.sha256(body).hexdigest())
        headers = {
            "Content-Type": "application/json",
            "X-Hotline-Timestamp": timestamp,
            "X-Hotline-Signature": signature,
        }
        return {"content": body, "headers": headers}


def _plain(value: object) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
