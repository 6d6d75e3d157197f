"""For load balancers and the process runner: alive, and ready. No login, no secrets."""

from fastapi import APIRouter, Response

from app.api.access import ServicesDep
from app.api.schemas import Health, Readiness
from app.bootstrap import Services
from app.queue import QueueUnavailable
from app.views.database_health import DATABASE_AWAY, touch_database

router = APIRouter(prefix="/health", tags=["health"])


@router.get("")
def get_health() -> Health:
    """This process answers; nothing else is looked at."""
    return Health(status="ok")


@router.get("/ready", responses={503: {"model": Readiness, "description": "The database does not answer"}})
def get_readiness(response: Response, services: ServicesDep) -> Readiness:
    """503 while the database is away."""
    try:
        with services.db.reading() as session:
            touch_database(session)
        database = True
    except DATABASE_AWAY:
        database = False
        response.status_code = 503
    redis = services.nudges.is_reachable()
    resting = _resting_recognisers(services) if redis else 0
    return Readiness(is_ready=database, database=database, redis=redis, resting_recognisers=resting)


def _resting_recognisers(services: Services) -> int:
    try:
        return len(services.queue.resting_workers())
    except QueueUnavailable:
        return 0
