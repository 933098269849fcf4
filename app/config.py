"""Settings: read once from the environment into a frozen object that refuses nonsense."""

import contextlib
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

from app.clocks.rules import days_off
from app.rechecks.rules import calendar

ROOT = Path(__file__).resolve().parent.parent


class BadSetting(Exception):
    """A setting that the server must not start with; the message names it and says what to do."""


def _setting(default: object, help: str) -> object:
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True)
class Settings:
    """All that differs between places. Each field is the environment variable TO_AM_ + its name in capitals."""

    environment: str = _setting("demo", "demo or production. Production refuses whatever is only good for a demo.")  # type: ignore[assignment]
    database_url: str = _setting("", "sqlite:///… or postgresql://…; empty: DATABASE_URL, else SQLite in var/to-am.db.")  # type: ignore[assignment]
    threads: int = _setting(8, "Threads of each worker, as gunicorn has them: connections it keeps to PostgreSQL.")  # type: ignore[assignment]
    secret_key: str = _setting("", "At least 32 characters, from a password generator. Demo: made once, in var/secret.")  # type: ignore[assignment]
    public_origin: str = _setting(  # type: ignore[assignment]
        "http://localhost:8000", "Address that phones open, without a final slash; passkeys belong to its name."
    )
    extra_kinds: str = _setting("", "Folders with more record kinds, separated by a colon.")  # type: ignore[assignment]
    logs: str = _setting("", "json or text; empty: json in production. Lines of JSON name nobody.")  # type: ignore[assignment]
    metrics_token: str = _setting("", "Opens /metrics to whoever sends it as Bearer; without one only to this machine.")  # type: ignore[assignment]
    proxies: int = _setting(0, "How many reverse proxies of ours stand before the server (for the client's address).")  # type: ignore[assignment]
    intake_bytes_a_day: int = _setting(20_000_000, "Bytes that one phone may hand in a day without a sign-in.")  # type: ignore[assignment]
    backup_folder: str = _setting("", "Where backups are written; empty: var/backups. One folder for each database.")  # type: ignore[assignment]
    backup_keys: str = _setting("", "Public keys (age1…) that backups are sealed to, separated by spaces.")  # type: ignore[assignment]
    photos: str = _setting("", "Folder for photos; empty: photos/ beside the SQLite database, or var/photos.")  # type: ignore[assignment]
    photo_bytes_a_day: int = _setting(300_000_000, "Bytes of photos that one person may send a day.")  # type: ignore[assignment]
    photo_side: int = _setting(1600, "Longer side of photos as phones send them, in pixels: 1600 to 2048.")  # type: ignore[assignment]
    lock_idle: int = _setting(5, "Minutes without a touch after which the app on a phone locks: 1 to 60.")  # type: ignore[assignment]
    lock_away: int = _setting(120, "Seconds behind other apps after which it locks: 0 (at once) to 3600.")  # type: ignore[assignment]
    read_hours: int = _setting(
        72, "Hours without contact after which a phone can read the ward's copies no more: 1 to 720."
    )  # type: ignore[assignment]
    maps: str = _setting("", "Folder for the wards' maps; empty: maps/ beside the SQLite database, or var/maps.")  # type: ignore[assignment]
    tiles: str = _setting(
        "",
        "https://…/{z}/{x}/{y}.png under the desk's maps; its owner learns what is looked at.",
    )  # type: ignore[assignment]
    s3_bucket: str = _setting("", "Keep pictures in this S3 bucket instead of the folder.")  # type: ignore[assignment]
    s3_url: str = _setting("", "Address of the S3 server, for example https://s3.example.vn.")  # type: ignore[assignment]
    s3_key: str = _setting("", "Access key of the S3 server.")  # type: ignore[assignment]
    s3_secret: str = _setting("", "Secret of the access key.")  # type: ignore[assignment]
    recheck_days: str = _setting(  # type: ignore[assignment]
        "high=14/7 medium=30/14 low=90/30",
        "Days until a hazard is looked at again, by risk: outside and inside a season. Our advice, not law.",
    )
    seasons: str = _setting(  # type: ignore[assignment]
        "summer=06-01..08-31 rain=05-01..10-31",
        "The school holidays and the rains, MM-DD..MM-DD. Our default, not law; set them for the year.",
    )
    key_file: str = _setting(  # type: ignore[assignment]
        "", "File with the keys of what is written about children; no backup has it. Demo: made once, in var."
    )
    step_up_minutes: int = _setting(  # type: ignore[assignment]
        10, "Minutes that a proof with a reason counts, for reports, exports and rights; 0 asks nobody: only for tests."
    )
    second_factor_days: int = _setting(  # type: ignore[assignment]
        14, "Days that somebody new may use the desk without a second factor, 0 to 30; -1 asks nobody: only for tests."
    )
    holidays: str = _setting(  # type: ignore[assignment]
        "",
        "Public holidays, YYYY-MM-DD separated by spaces: no working days. Empty: only weekends are left out.",
    )
    argon2_cost: int = _setting(3, "Rounds of argon2id for passphrases; only tests lower it.")  # type: ignore[assignment]

    @property
    def production(self) -> bool:
        """Whether this is a real installation."""
        return self.environment == "production"

    @property
    def json_logs(self) -> bool:
        """Whether the log is lines of JSON."""
        return self.logs == "json" or (self.production and not self.logs)

    @property
    def photo_folder(self) -> Path:
        """Where photos arrive and, without S3, stay."""
        return Path(self.photos) if self.photos else self._beside / "photos"

    @property
    def map_folder(self) -> Path:
        """Where the wards' map files lie."""
        return Path(self.maps) if self.maps else self._beside / "maps"

    @property
    def keys(self) -> Path:
        """The file of `key_file`."""
        return Path(self.key_file) if self.key_file else ROOT / "var" / "data-keys"

    @property
    def tile_origin(self) -> str:
        """The origin of `tiles`, for the pages that may fetch from it."""
        found = urlsplit(self.tiles)
        return f"{found.scheme}://{found.netloc}" if self.tiles else ""

    @property
    def _beside(self) -> Path:
        """The SQLite database's folder, or var."""
        place = self.database_url.removeprefix("sqlite:///")
        return Path(place).parent if place != self.database_url else ROOT / "var"

    @property
    def kind_folders(self) -> list[Path]:
        """The folders of `extra_kinds`."""
        return [Path(folder) for folder in self.extra_kinds.split(":") if folder]

    @property
    def backups(self) -> Path:
        """The folder of `backup_folder`."""
        return Path(self.backup_folder) if self.backup_folder else ROOT / "var" / "backups"


def from_env(env: Mapping[str, str]) -> Settings:
    """Settings from TO_AM_… variables. Raises BadSetting, naming the variable."""
    given: dict[str, object] = {}
    env = {"TO_AM_DATABASE_URL": env.get("DATABASE_URL", ""), **env}
    for entry in fields(Settings):
        text = env.get(f"TO_AM_{entry.name.upper()}")
        if text is None:
            continue
        try:
            given[entry.name] = int(text) if isinstance(entry.default, int) else text
        except ValueError:
            raise BadSetting(f"TO_AM_{entry.name.upper()} must be a whole number, not {text!r}.") from None
    ours = [name for name in env if name.startswith("TO_AM_") and not name.startswith("TO_AM_TEST_")]
    unknown = [name for name in ours if name[6:].lower() not in _NAMES]
    if unknown:
        raise BadSetting(f"Unknown settings: {', '.join(sorted(unknown))}. docs/settings.md lists the known ones.")
    return checked(Settings(**given))  # type: ignore[arg-type]


_DATABASES = ("sqlite:///", "postgresql://", "postgresql+psycopg://", "postgres://")
# One plain origin, because it goes into the pages' Content-Security-Policy.
_TILES = re.compile(r"https://[a-z0-9.-]+(:[0-9]+)?/(?=.*\{z\})(?=.*\{x\})(?=.*\{y\})[!-~]*")
# What must be so, and what is said when it is not.
_Rule = tuple[Callable[[Settings], bool], str]
_ALWAYS: tuple[_Rule, ...] = (
    (lambda s: s.environment in ("demo", "production"), "TO_AM_ENVIRONMENT must be demo or production."),
    (
        lambda s: not s.database_url or s.database_url.startswith(_DATABASES),
        "TO_AM_DATABASE_URL must start with sqlite:/// or postgresql://.",
    ),
    (lambda s: s.logs in ("", "json", "text"), "TO_AM_LOGS must be json or text."),
    (
        lambda s: not s.metrics_token or len(s.metrics_token) >= 16,
        "TO_AM_METRICS_TOKEN must be 16 random characters or more.",
    ),
    (lambda s: s.threads >= 1, "TO_AM_THREADS must be 1 or more."),
    (
        lambda s: s.intake_bytes_a_day >= 1_000_000,
        "TO_AM_INTAKE_BYTES_A_DAY must be 1000000 or more: a lost sign-in must never strand a record.",
    ),
    (
        lambda s: 1 <= s.lock_idle <= 60 and 0 <= s.lock_away <= 3600,
        "TO_AM_LOCK_IDLE is minutes from 1 to 60, TO_AM_LOCK_AWAY seconds from 0 to 3600.",
    ),
    (lambda s: 1 <= s.read_hours <= 720, "TO_AM_READ_HOURS must be 1 to 720."),
    (lambda s: 1600 <= s.photo_side <= 2048, "TO_AM_PHOTO_SIDE must be 1600 to 2048."),
    (
        lambda s: "AGE-SECRET-KEY" not in s.backup_keys.upper(),
        "TO_AM_BACKUP_KEYS takes public keys (age1…). The secret half must never be on this machine.",
    ),
    (
        lambda s: not s.s3_bucket or s.s3_url.startswith(("https://", "http://")),
        "TO_AM_S3_URL must say where the bucket of TO_AM_S3_BUCKET is.",
    ),
    (
        lambda s: not s.tiles or _TILES.fullmatch(s.tiles) is not None,
        "TO_AM_TILES must be an address like https://tiles.example.vn/{z}/{x}/{y}.png.",
    ),
)
_IN_PRODUCTION: tuple[_Rule, ...] = (
    (
        lambda s: len(s.secret_key) >= 32 and "secret" not in s.secret_key.lower(),
        "TO_AM_SECRET_KEY must be 32 random characters or more in production.",
    ),
    (lambda s: bool(s.database_url), "TO_AM_DATABASE_URL must say where records are kept in production."),
    (
        lambda s: s.public_origin.startswith("https://"),
        "TO_AM_PUBLIC_ORIGIN must start with https:// in production.",
    ),
    (
        lambda s: bool(s.key_file),
        "TO_AM_KEY_FILE must name the file with the data keys; then `flask keys make` makes it.",
    ),
    (lambda s: 1 <= s.step_up_minutes <= 60, "TO_AM_STEP_UP_MINUTES must be 1 to 60 in production."),
    (lambda s: 0 <= s.second_factor_days <= 30, "TO_AM_SECOND_FACTOR_DAYS must be 0 to 30 in production."),
    (lambda s: s.argon2_cost >= 3, "TO_AM_ARGON2_COST below 3 is for tests only."),
)


def checked(settings: Settings) -> Settings:
    """Fill in what a demo may leave out; raise BadSetting for what cannot be right."""
    for is_right, said in _ALWAYS + (_IN_PRODUCTION if settings.production else ()):
        if not is_right(settings):
            raise BadSetting(said)
    try:
        calendar(settings.recheck_days, settings.seasons)
    except ValueError as error:
        raise BadSetting(f"TO_AM_RECHECK_DAYS or TO_AM_SEASONS: {error}.") from None
    try:
        days_off(settings.holidays)
    except ValueError:
        raise BadSetting("TO_AM_HOLIDAYS must be days like 2026-09-02, separated by spaces.") from None
    filled = {
        "secret_key": settings.secret_key or _demo_secret(),
        "database_url": settings.database_url or f"sqlite:///{ROOT / 'var' / 'to-am.db'}",
        "public_origin": settings.public_origin.rstrip("/"),
    }
    return Settings(**{**{name: getattr(settings, name) for name in _NAMES}, **filled})


def _demo_secret() -> str:
    """One for all workers of a demo, and the same after a restart."""
    place = ROOT / "var" / "secret"
    place.parent.mkdir(exist_ok=True)
    if not place.exists():
        draft = place.with_name(f"secret.{os.getpid()}")
        draft.write_text(secrets.token_urlsafe(48), encoding="utf-8")
        draft.chmod(0o600)
        with contextlib.suppress(FileExistsError):  # another worker was quicker
            os.link(draft, place)
        draft.unlink()
    return place.read_text(encoding="utf-8").strip()


_NAMES = frozenset(entry.name for entry in fields(Settings))
