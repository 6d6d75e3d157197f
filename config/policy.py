"""policy.toml, checked: unknown or wrong keys stop the start-up and are named."""

import re
import tomllib
from datetime import time
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from kit.errors import Invalid

Seconds = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(gt=0, le=1)]


class PolicyWrong(Invalid):
    code = "policy.wrong"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WaitingPolicy(_Section):
    announce_every_s: Seconds
    limit_s: Seconds
    talk_max_s: Seconds


class DiallingPolicy(_Section):
    """What an agent may have dialled: third parties, and the number of his own phone. A call costs money."""

    allow: tuple[re.Pattern[str], ...]
    guests_max: Annotated[int, Field(ge=0)]

    def allows(self, number: str) -> bool:
        return any(pattern.fullmatch(number) for pattern in self.allow)


class CallPolicy(_Section):
    menu_silence_s: Seconds
    message_max_s: Seconds
    message_min_s: Seconds
    dead_media_s: Seconds
    max_call_s: Seconds
    waiting: WaitingPolicy
    dialling: DiallingPolicy


class AssignmentPolicy(_Section):
    ticket_accept_s: Seconds
    call_accept_s: Seconds
    redial_s: Seconds
    line_max: Annotated[int, Field(ge=1)]
    wrap_up_s: Seconds
    capacity: Annotated[int, Field(ge=1)]
    presence_grace_s: Seconds


class DispatchPolicy(_Section):
    grab_points: Annotated[int, Field(ge=0)]


class PartsPolicy(_Section):
    from_s: Seconds
    min_s: Seconds
    max_s: Seconds

    @model_validator(mode="after")
    def _there_is_room_to_choose(self) -> Self:
        if self.max_s < 1.5 * self.min_s or self.from_s < self.max_s:
            raise ValueError("max_s must be at least one and a half times min_s, and from_s at least max_s")
        return self


class BreakerPolicy(_Section):
    failures: Annotated[int, Field(ge=2)]
    rest_s: Seconds


class SpeechPolicy(_Section):
    give_up_after_s: Seconds
    short_up_to_s: Seconds
    promote_after_s: Seconds
    max_tries: Annotated[int, Field(ge=1)]
    parts: PartsPolicy
    breaker: BreakerPolicy
    voice_accept_from: Share
    voice_confirm_from: Share

    @model_validator(mode="after")
    def _confirming_begins_below_accepting(self) -> Self:
        if self.voice_confirm_from > self.voice_accept_from:
            raise ValueError("voice_confirm_from must not exceed voice_accept_from")
        return self


class IntakePolicy(_Section):
    uploads_per_minute: Annotated[int, Field(ge=1)]
    fetch_for_s: Seconds


class CallEventPolicy(_Section):
    per_minute: Annotated[int, Field(ge=1)]
    max_age_days: Annotated[float, Field(gt=0)]
    ahead_s: Seconds
    silent_s: Seconds
    caller_within_s: Seconds


class PrivacyPolicy(_Section):
    original_minutes: Annotated[float, Field(gt=0)]


class LoginPolicy(_Section):
    max_failures: Annotated[int, Field(ge=1)]
    window_s: Seconds
    session_hours: Seconds


Waits = list[Annotated[float, Field(ge=0)]]


class CallbackLadder(_Section):
    """Minutes to wait before the next attempt, by outcome."""

    no_answer: Waits
    busy: Waits
    rejected: Waits
    unreachable: Waits
    invalid_number: Waits
    congested: Waits
    silent: Waits
    broken_off: Waits
    interrupted: Waits
    not_dialled: Waits


class CallbackPolicy(_Section):
    windows: list[tuple[time, time]]
    delay_s: Annotated[float, Field(ge=0)]
    ring_timeout_s: Seconds
    answer_silence_s: Seconds
    max_at_once: Annotated[int, Field(ge=1)]
    lease_s: Seconds
    dissatisfied_from: Annotated[int, Field(ge=2, le=5)]
    ladder: CallbackLadder

    @field_validator("windows")
    @classmethod
    def _windows_run_forward(cls, value: list[tuple[time, time]]) -> list[tuple[time, time]]:
        if not value or any(start >= end for start, end in value):
            raise ValueError("each window is [start, end] with start before end, and there is at least one")
        return value


class Policy(_Section):
    timezone: str
    call: CallPolicy
    assignment: AssignmentPolicy
    dispatch: DispatchPolicy
    speech: SpeechPolicy
    intake: IntakePolicy
    call_events: CallEventPolicy
    privacy: PrivacyPolicy
    login: LoginPolicy
    callbacks: CallbackPolicy

    @model_validator(mode="after")
    def _lease_outlives_every_call(self) -> Self:
        longest = self.callbacks.ring_timeout_s + self.call.max_call_s
        if self.callbacks.lease_s <= longest:
            raise ValueError(f"callbacks.lease_s must exceed ring_timeout_s + max_call_s ({longest:g})")
        return self

    @field_validator("timezone")
    @classmethod
    def _timezone_is_known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("no such time zone") from None
        return value

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def load_policy(path: Path) -> Policy:
    """Read and check the policy file; raises PolicyWrong naming each wrong key."""
    try:
        return Policy.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise PolicyWrong(f"{path.name}: {error}") from None
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise PolicyWrong(f"{path.name}: {wrong}") from None
