"""Departments: the directory, for everybody who sends on; entering and changing it, for administrators."""

from fastapi import APIRouter

from app.api.access import AdminDep, ServicesDep, ViewerDep
from app.api.problems import refusals
from app.api.schemas import Created, DepartmentBody, MemberBody, PathId
from app.views.administration import must_be_active
from app.views.departments import DepartmentView, MemberView, department_list, member_list
from ticketing.domain.department import DepartmentFacts

router = APIRouter(prefix="/departments", tags=["departments"])


@router.get("", responses=refusals(401))
def list_departments(_viewer: ViewerDep, services: ServicesDep) -> list[DepartmentView]:
    """By name; those that were closed too, because tickets point to them."""
    with services.db.reading() as session:
        return department_list(session)


@router.put("", responses=refusals(401, 403, 409, 422))
def put_department(body: DepartmentBody, _viewer: AdminDep, services: ServicesDep) -> Created:
    """Enter a department, or change the one of this code."""
    return Created(id=services.departments.put(DepartmentFacts(id="", **body.model_dump())))


@router.get("/{department_id}/members", responses=refusals(401, 403, 404))
def list_members(department_id: PathId, _viewer: AdminDep, services: ServicesDep) -> list[MemberView]:
    services.departments.department(department_id)
    with services.db.reading() as session:
        return member_list(session, department_id)


@router.post("/{department_id}/members", status_code=204, responses=refusals(401, 403, 404, 422))
def add_member(department_id: PathId, body: MemberBody, _viewer: AdminDep, services: ServicesDep) -> None:
    """He handles for the department from now on."""
    with services.db.reading() as session:
        must_be_active(session, body.person_id)
    services.departments.add_member(department_id, body.person_id)


@router.delete("/{department_id}/members/{person_id}", status_code=204, responses=refusals(401, 403, 404))
def remove_member(department_id: PathId, person_id: PathId, _viewer: AdminDep, services: ServicesDep) -> None:
    """He sees nothing of its tickets any more."""
    services.departments.remove_member(department_id, person_id)
