"""Do the migrations make exactly the tables of the models? Asked of a fresh SQLite database."""

import sys
import tempfile

from alembic import command
from alembic.util import CommandError

from app.migrate import alembic_config


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        config = alembic_config(f"sqlite:///{folder}/fresh.sqlite3")
        command.upgrade(config, "head")
        try:
            command.check(config)
        except CommandError as difference:
            sys.stderr.write(f'{difference}\nWrite one: make migration m="what changes"\n')
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
