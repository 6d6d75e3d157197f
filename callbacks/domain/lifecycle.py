"""The life of a callback task 回访任务: one table (status, action) → status, and who may do what."""

from enum import StrEnum

from callbacks.domain.errors import CallbackActionNotAllowed


class CallbackKind(StrEnum):
    SATISFACTION = "satisfaction"  # dialled by the system: solved? satisfied?
    MISSED_CALL = "missed_call"  # a person calls back
    REQUESTED = "requested"  # a person calls back


class CallbackStatus(StrEnum):
    PENDING = "pending"  # waits for its hour; the telephony process will claim it
    DIALLING = "dialling"  # claimed by exactly one attempt
    WITH_PERSON = "with_person"  # a person is to call (end of the ladder, missed or requested calls)
    DONE = "done"


class CallbackAction(StrEnum):
    CLAIM = "claim"
    RETRY = "retry"
    HAND_TO_PERSON = "hand_to_person"
    ASSIGN = "assign"
    FINISH = "finish"
    ANSWER_LATE = "answer_late"  # a call believed interrupted brought its answers after all
    WITHDRAW = "withdraw"  # the caller had been served after all


CALLBACK_LIFE: dict[tuple[CallbackStatus, CallbackAction], CallbackStatus] = {
    (CallbackStatus.PENDING, CallbackAction.CLAIM): CallbackStatus.DIALLING,
    (CallbackStatus.PENDING, CallbackAction.HAND_TO_PERSON): CallbackStatus.WITH_PERSON,
    (CallbackStatus.PENDING, CallbackAction.ANSWER_LATE): CallbackStatus.DONE,
    (CallbackStatus.DIALLING, CallbackAction.RETRY): CallbackStatus.PENDING,
    (CallbackStatus.DIALLING, CallbackAction.HAND_TO_PERSON): CallbackStatus.WITH_PERSON,
    (CallbackStatus.DIALLING, CallbackAction.FINISH): CallbackStatus.DONE,
    (CallbackStatus.DIALLING, CallbackAction.ANSWER_LATE): CallbackStatus.DONE,
    (CallbackStatus.WITH_PERSON, CallbackAction.ASSIGN): CallbackStatus.WITH_PERSON,
    (CallbackStatus.WITH_PERSON, CallbackAction.FINISH): CallbackStatus.DONE,
    (CallbackStatus.WITH_PERSON, CallbackAction.ANSWER_LATE): CallbackStatus.DONE,
    (CallbackStatus.WITH_PERSON, CallbackAction.WITHDRAW): CallbackStatus.DONE,
}


def next_status(status: CallbackStatus, action: CallbackAction) -> CallbackStatus:
    """Status after the action; raises CallbackActionNotAllowed where the table has no row."""
    try:
        return CALLBACK_LIFE[status, action]
    except KeyError:
        raise CallbackActionNotAllowed(
            f"a callback task that is {status} does not allow {action}", status=status, action=action
        ) from None


def is_kept_from(kind: CallbackKind, handler_person_id: str | None, person_id: str) -> bool:
    """Whoever handled the ticket stays away from its rating, as owner and as supervisor alike."""
    return kind is CallbackKind.SATISFACTION and handler_person_id == person_id


def allowed_actions(
    kind: CallbackKind,
    status: CallbackStatus,
    *,
    owner_person_id: str | None,
    handler_person_id: str | None,
    person_id: str,
    is_supervisor: bool,
) -> list[CallbackAction]:
    """What this person may do now. People touch only what is with people."""
    if status is not CallbackStatus.WITH_PERSON or is_kept_from(kind, handler_person_id, person_id):
        return []
    may = {
        CallbackAction.ASSIGN: is_supervisor,
        CallbackAction.FINISH: is_supervisor or owner_person_id == person_id,
    }
    return [action for action, is_allowed in may.items() if is_allowed and (status, action) in CALLBACK_LIFE]
