"""All tables in one place, for migrations and for tests that need an empty database."""

import asr.models
import callbacks.models
import intake.models
import ivr.models
import people.models
import ticketing.department_models
import ticketing.duty_models
import ticketing.models
import ticketing.seat_call_models
from kit.db import Base

MODELS = (
    asr.models,
    callbacks.models,
    intake.models,
    ivr.models,
    people.models,
    ticketing.department_models,
    ticketing.duty_models,
    ticketing.models,
    ticketing.seat_call_models,
)
"""Importing a module of tables is what registers them."""

METADATA = Base.metadata
