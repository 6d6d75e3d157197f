"""A callback task 回访任务 as other packages see it."""

from dataclasses import dataclass
from datetime import datetime

from callbacks.domain.lifecycle import CallbackAction, CallbackKind, CallbackStatus, allowed_actions


@dataclass(frozen=True, slots=True)
class TaskFacts:
    id: str
    kind: CallbackKind
    status: CallbackStatus
    phone: str
    ticket_id: str | None
    ticket_number: str | None
    round: int | None
    call_id: str | None
    handler_person_id: str | None
    owner_person_id: str | None
    due_at: datetime
    attempt_count: int
    solved: bool | None
    satisfaction: int | None
    note: str | None
    created_at: datetime
    finished_at: datetime | None

    def allowed_actions(self, person_id: str, is_supervisor: bool) -> list[CallbackAction]:
        """What this person may do with the task now."""
        return allowed_actions(
            self.kind,
            self.status,
            owner_person_id=self.owner_person_id,
            handler_person_id=self.handler_person_id,
            person_id=person_id,
            is_supervisor=is_supervisor,
        )
