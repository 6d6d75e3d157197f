"""`hotline listener`: settings in, a parent with its children out."""

from app.listener.limits import ListenerLimits
from app.listener.models import ModelsInUse
from app.listener.parent import ListenerParent
from config.settings import Settings


def run_listener(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises ModelMissing, ListenerPortTaken."""
    models = ModelsInUse(settings)
    parent = ListenerParent(
        models,
        (settings.listener_host, settings.listener_port),
        children=settings.listener_children,
        limits=ListenerLimits(streams=settings.listener_streams),
    )
    try:
        parent.run()
    finally:
        models.say_goodbye()
