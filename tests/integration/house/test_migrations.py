"""Migrations make exactly the tables of the models, on both databases, whoever runs them at once."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from app.migrate import alembic_config, migrate, missing_revisions
from app.schema import METADATA
from config.settings import ROOT, Settings
from kit.db import Database
from tools.new_migration import next_number


def settings_for(url: str) -> Settings:
    return Settings.model_validate({"database_url": url})


def tables(url: str) -> set[str]:
    database = Database(url)
    found = set(inspect(database.engine).get_table_names())
    database.dispose()
    return found


def test_a_fresh_database_gets_every_table_and_alembic_finds_no_difference(database_url: str) -> None:
    migrate(settings_for(database_url))
    assert tables(database_url) == set(METADATA.tables) | {"alembic_version"}
    command.check(alembic_config(database_url))


def test_an_upgrade_may_be_repeated(database_url: str) -> None:
    migrate(settings_for(database_url))
    migrate(settings_for(database_url))
    command.check(alembic_config(database_url))


def test_two_upgrades_at_once_do_no_harm(database_url: str) -> None:
    upgrade = [sys.executable, "-m", "alembic", "-x", f"url={database_url}", "upgrade", "head"]
    both = [subprocess.Popen(upgrade, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    errors = [process.communicate(timeout=60)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], errors
    command.check(alembic_config(database_url))


def test_a_database_that_is_behind_says_what_it_lacks(database_url: str) -> None:
    database = Database(database_url)
    known = [script.revision for script in ScriptDirectory.from_config(alembic_config(database_url)).walk_revisions()]
    assert missing_revisions(database) == known
    migrate(settings_for(database_url))
    assert missing_revisions(database) == []
    database.dispose()


def test_downgrading_leaves_nothing_behind(database_url: str) -> None:
    migrate(settings_for(database_url))
    command.downgrade(alembic_config(database_url), "base")
    assert tables(database_url) == {"alembic_version"}


def test_the_sqlite_file_is_made_in_the_data_folder(tmp_path: Path) -> None:
    migrate(Settings.model_validate({"data_dir": tmp_path / "new" / "var", "database_url": ""}))
    assert (tmp_path / "new" / "var" / "hotline.sqlite3").exists()


def test_migrations_do_not_import_the_project() -> None:
    for path in (ROOT / "migrations" / "versions").glob("*.py"):
        imports = [
            line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith(("import ", "from "))
        ]
        assert {line.split()[1].split(".")[0] for line in imports} <= {"sqlalchemy", "alembic"}, path.name


def test_migrations_are_numbered_in_order() -> None:
    names = sorted(path.name[:4] for path in (ROOT / "migrations" / "versions").glob("*.py"))
    assert names == [f"{number:04d}" for number in range(1, len(names) + 1)]
    assert next_number() == f"{len(names) + 1:04d}"


def test_a_rebuilt_sqlite_table_keeps_the_rows_that_point_to_it(tmp_path: Path) -> None:
    """Batch mode drops the old table in between: with foreign keys on, that would take the children along."""
    url = f"sqlite:///{tmp_path / 'db.sqlite3'}"
    folder = tmp_path / "migrations"
    folder.mkdir()
    for name in ("env.py", "script.py.mako"):
        (folder / name).write_bytes((ROOT / "migrations" / name).read_bytes())
    (folder / "versions").mkdir()
    (folder / "versions" / "0001_parent_and_child.py").write_text(_PARENT_AND_CHILD)
    (folder / "versions" / "0002_rebuild.py").write_text(_REBUILD)
    config = alembic_config(url)
    config.set_main_option("script_location", str(folder))
    command.upgrade(config, "head")
    database = Database(url)
    with database.reading() as session:
        assert session.connection().exec_driver_sql("SELECT parent_id FROM child").scalars().all() == [1]
    database.dispose()


def test_the_configuration_works_from_any_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert ScriptDirectory.from_config(alembic_config("sqlite:///somewhere.db")).get_heads()


_PARENT_AND_CHILD = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0001", None
def upgrade():
    op.create_table("parent", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(8)))
    op.create_table("child", sa.Column("parent_id", sa.Integer, sa.ForeignKey("parent.id", ondelete="CASCADE")))
    op.execute("INSERT INTO parent VALUES (1, 'a')")
    op.execute("INSERT INTO child VALUES (1)")
"""

_REBUILD = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0002", "0001"
def upgrade():
    with op.batch_alter_table("parent", recreate="always") as batch:
        batch.alter_column("name", type_=sa.String(64))
"""
