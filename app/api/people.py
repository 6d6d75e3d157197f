"""People: accounts and passwords, for administrators; the list also for supervisors, who assign work."""

from fastapi import APIRouter

from app.api.access import AdminDep, ServicesDep, SupervisorDep
from app.api.problems import refusals
from app.api.schemas import Created, NewPersonBody, PasswordBody, PathId
from app.views.administration import PersonView, people_list

router = APIRouter(prefix="/people", tags=["people"])


@router.get("", responses=refusals(401, 403))
def list_people(_viewer: SupervisorDep, services: ServicesDep) -> list[PersonView]:
    with services.db.reading() as session:
        return people_list(session)


@router.post("", status_code=201, responses=refusals(401, 403, 409, 422))
def add_person(body: NewPersonBody, _viewer: AdminDep, services: ServicesDep) -> Created:
    return Created(id=services.people.add_person(body.login, body.display_name, body.role, body.password))


@router.post("/{person_id}/password", status_code=204, responses=refusals(401, 403, 404, 422))
def set_password(person_id: PathId, body: PasswordBody, _viewer: AdminDep, services: ServicesDep) -> None:
    """A new password; the person's open sessions end."""
    services.people.set_password(person_id, body.password)


@router.post("/{person_id}/deactivate", status_code=204, responses=refusals(401, 403, 404, 409))
def deactivate_person(person_id: PathId, _viewer: AdminDep, services: ServicesDep) -> None:
    """The account and its sessions end; what the person did stays in the books."""
    services.people.deactivate(person_id)
