"""The speech model in use, and the switch to another one that is installed."""

from fastapi import APIRouter

from app.api.access import AdminDep, ServicesDep, SupervisorDep
from app.api.problems import refusals
from app.api.schemas import UseModelBody
from app.bootstrap import Services
from app.model_reports import model_reports
from app.model_shelf import ModelShelf
from app.views.speech_models import SpeechModelPage, speech_model_page
from app.views.viewer import Viewer

router = APIRouter(prefix="/speech", tags=["speech"])


@router.get("/model", responses=refusals(401, 403))
def get_speech_model(viewer: SupervisorDep, services: ServicesDep) -> SpeechModelPage:
    """The model in use, and what every recognising process has loaded."""
    return _page(services, viewer)


@router.put("/model", responses=refusals(401, 403, 404, 422))
def use_speech_model(body: UseModelBody, viewer: AdminDep, services: ServicesDep) -> SpeechModelPage:
    """Take an installed model into use. It is tried first, in a process of its own, for at most three minutes."""
    ModelShelf(services.settings).use(body.id)
    return _page(services, viewer)


def _page(services: Services, viewer: Viewer) -> SpeechModelPage:
    reports = model_reports(services.settings.effective_redis_url, services.clock.now())
    return speech_model_page(ModelShelf(services.settings), reports, is_admin=viewer.is_admin)
