"""Bringing the database's tables up to date, and saying whether they are."""

from argparse import Namespace
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from config.settings import ROOT, Settings
from kit.db import Database


def migrate(settings: Settings) -> None:
    """Upgrade to the newest tables. Two at once do no harm: the second waits, and then has nothing to do."""
    if not settings.database_url:
        Path(settings.data_dir).mkdir(parents=True, exist_ok=True)
    command.upgrade(alembic_config(settings.effective_database_url), "head")


def missing_revisions(database: Database) -> list[str]:
    """Revisions that the database has not seen yet, newest first; empty when it is up to date."""
    script = ScriptDirectory.from_config(alembic_config(database.url))
    with database.reading() as session:
        current = MigrationContext.configure(session.connection()).get_current_heads()
    return [each.revision for each in script.iterate_revisions("heads", current or "base")]


def alembic_config(url: str) -> Config:
    """Alembic's configuration for this database, quiet and independent of the working directory."""
    config = Config(str(ROOT / "alembic.ini"), cmd_opts=Namespace(x=[f"url={url}"]))
    config.attributes["configure_logger"] = False
    return config
