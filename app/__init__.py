"""Tổ Ấm: the factory. Settings, database, sign-in, doors, words, commands; no logic."""

import importlib
import os

from flask import Flask

from app import config
from app.at_rest import keys
from app.at_rest.keys import Keyring
from app.db import address, db, engine_options

# Each module exposes `bp`. A new feature with pages or an API is one line here.
DOORS = (
    "app.operations.api",
    "app.shell",
    "app.identity.api",
    "app.identity.pages",
    "app.identity.sheet_pages",
    "app.identity.people_pages",
    "app.second_factor.pages",
    "app.passkeys.pages",
    "app.step_up.pages",
    "app.units.pages",
    "app.reorganisation.pages",
    "app.kit.api",
    "app.maps.api",
    "app.maps.pages",
    "app.sync.api",
    "app.intake.api",
    "app.photos.api",
    "app.photos.pages",
    "app.intake.pages",
    "app.review.pages",
    "app.places.pages",
    "app.arrivals.pages",
    "app.rechecks.pages",
    "app.clocks.pages",
    "app.saved.pages",
    "app.many.pages",
    "app.remarks.pages",
    "app.tasks.pages",
    "app.quarantine.pages",
    "app.exports.pages",
    "app.overview.pages",
    "app.audit.pages",
    "app.machine.pages",
    "app.machine.api",
)


def create_app(settings: config.Settings | None = None) -> Flask:
    """The application. Raises BadSetting when the environment makes no sense."""
    settings = config.checked(settings) if settings else config.from_env(os.environ)
    app = Flask("to-am", root_path=str(config.ROOT), static_folder=None, template_folder="templates")
    (config.ROOT / "var").mkdir(exist_ok=True)
    database = address(settings.database_url)
    app.config.update(
        TO_AM=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=database,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(database, settings.threads),
        MAX_CONTENT_LENGTH=1_000_000,
        MAX_FORM_MEMORY_SIZE=500_000,
    )
    db.init_app(app)
    _hang_features(app, settings)
    return app


def _keyring(settings: config.Settings) -> Keyring:
    """The keys that records of children are kept under. Without their file only commands run, not the server."""
    if not settings.production:
        keys.make(settings.keys)
    try:
        return keys.read(settings.keys)
    except FileNotFoundError:  # `flask keys make` makes a first one, and `flask doctor` says that it is missing
        return Keyring({})
    except (OSError, ValueError) as error:
        raise config.BadSetting(f"TO_AM_KEY_FILE: {settings.keys} cannot be used: {error}") from None


def _hang_features(app: Flask, settings: config.Settings) -> None:
    # Imported here, so that a command or a test that needs only the tables loads only those.
    from app import cli, http, i18n, kinds
    from app.i18n.formats import edition, phone_shown
    from app.icons import icon
    from app.identity.login import init_login
    from app.operations.logs import init_logs
    from app.operations.requests import init_requests
    from app.photos import store
    from app.shell import serve_assets

    init_logs(settings)
    init_requests(app, settings)
    kinds.registry.load(settings.kind_folders)
    init_login(app)
    app.extensions["keyring"], app.extensions["keyring_seen"] = _keyring(settings), keys.state_of(settings.keys)
    app.extensions["photo_store"] = store.choose(settings)
    http.init_http(app)
    for name in DOORS:
        app.register_blueprint(importlib.import_module(name).bp)
    words = {"t": i18n.t, "w": i18n.w, "language": i18n.language}
    app.jinja_env.globals.update(words, edition=edition, phone_shown=phone_shown, drawn_icon=icon)
    app.context_processor(i18n.of_a_page)
    cli.init_cli(app)
    serve_assets(app, settings)
