"""Commands of the server: `flask --app wsgi <name>`. Each opens its own transaction."""

from flask import Flask
from flask_migrate import Migrate

from app.cli.backup import backup, restore
from app.cli.demo import demo
from app.cli.doctor import doctor
from app.cli.keys import keys
from app.cli.maps import maps
from app.cli.people import code, person, revoke
from app.cli.rehearsal import rehearse
from app.cli.seals import seals
from app.cli.setup import setup, units
from app.cli.verify import verify
from app.config import ROOT
from app.db import db

MIGRATIONS = str(ROOT / "app" / "migrations")
COMMANDS = (setup, units, person, code, revoke, demo, backup, restore, doctor, verify, maps, rehearse, seals, keys)


def init_cli(app: Flask) -> None:
    """Hang every command on the application; `flask db …` (Alembic) among them."""
    Migrate(app, db, directory=MIGRATIONS, render_as_batch=True)
    for command in COMMANDS:
        app.cli.add_command(command)
