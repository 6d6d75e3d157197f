"""Who is looking: every view asks it what may be shown."""

from dataclasses import dataclass

from people.domain.role import Role


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in person. An administrator may see and do what a supervisor may."""

    person_id: str
    role: Role

    @property
    def is_supervisor(self) -> bool:
        return self.role in (Role.SUPERVISOR, Role.ADMIN)

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN


@dataclass(frozen=True, slots=True)
class PersonRef:
    """A person as other persons see him."""

    id: str
    display_name: str


def person_ref(person_id: str | None, display_name: str | None) -> PersonRef | None:
    """The two columns of an outer join, as one."""
    return None if person_id is None else PersonRef(person_id, display_name or "")
