"""An entrance with a store and a fetcher that does as it is told."""

import hashlib
from datetime import timedelta
from pathlib import Path

from intake.client_service import ClientService
from intake.domain.client import ClientFacts
from intake.domain.errors import FetchFailed
from intake.domain.policy import IntakePolicy
from intake.domain.upload import NewUpload
from intake.service import IntakeService
from kit.clock import FixedClock
from kit.db import Database
from kit.errors import Invalid
from kit.ids import new_id
from kit.storage import LocalFileStore

HOST = "sounds.example"
POLICY = IntakePolicy(uploads_per_minute=5, fetch_for=timedelta(hours=1))


class FakeFetcher:
    def __init__(self) -> None:
        self.fails: FetchFailed | None = None
        self.asked: list[str] = []

    def fetch(self, url: str, target: Path) -> None:
        self.asked.append(url)
        if self.fails is not None:
            target.write_bytes(b"half")
            raise self.fails
        target.write_bytes(b"fetched sound")


class FakeProbe:
    """Every sound is as long as `duration_ms` says, or is none."""

    def __init__(self) -> None:
        self.duration_ms: int | None = 4200
        self.fails: Invalid | None = None

    def probe(self, path: Path) -> "FakeProbe":
        assert path.is_file()
        if self.fails is not None:
            raise self.fails
        return self


class Stage:
    def __init__(self, db: Database, clock: FixedClock, folder: Path) -> None:
        self.db, self.clock, self.folder = db, clock, folder
        self.fetcher = FakeFetcher()
        self.probe = FakeProbe()
        self.files = LocalFileStore(folder / "files")
        self.clients = ClientService(db, clock)
        self.service = self.another_service()
        new = self.clients.add("mini-page", "12345", "http://127.0.0.1:9/hook", (HOST,))
        self.client: ClientFacts = self.clients.of_id(new.id)
        self.token = new.token

    def another_service(self, *, policy: IntakePolicy = POLICY) -> IntakeService:
        return IntakeService(
            self.db, self.clock, self.files, self.fetcher, self.probe, self.folder / "incoming", policy
        )

    def sound(self, content: bytes = b"sound") -> tuple[Path, str]:
        path = self.folder / new_id()
        path.write_bytes(content)
        return path, hashlib.sha256(content).hexdigest()

    def leave(self, external_id: str = "x-1", content: bytes = b"sound") -> str:
        return self.service.receive(
            self.client, NewUpload(external_id, "13900000001", ""), *self.sound(content)
        ).upload_id

    def stored(self) -> list[Path]:
        return [path for path in (self.folder / "files").rglob("*") if path.is_file()]
