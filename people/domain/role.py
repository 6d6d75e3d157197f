"""Roles of persons and what each may do at all."""

from enum import StrEnum


class Role(StrEnum):
    AGENT = "agent"
    HANDLER = "handler"
    """Handles for a department 承办人: he has no seat."""
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
