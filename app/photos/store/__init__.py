"""Where pictures lie: addressed by what they are, so that the same bytes are kept once and nothing is overwritten."""

from flask import current_app

from app.config import Settings
from app.photos.store.home import Missing as Missing
from app.photos.store.home import Store as Store
from app.photos.store.local import LocalStore


def choose(settings: Settings) -> Store:
    """The home that the settings name: an S3 bucket if one is given, else the folder."""
    if settings.s3_bucket:
        from app.photos.store.s3 import S3Store  # only where S3 is used

        return S3Store(settings.s3_url, settings.s3_bucket, settings.s3_key, settings.s3_secret)
    return LocalStore(settings.photo_folder / "kept")


def current() -> Store:
    """The running application's store."""
    found: Store = current_app.extensions["photo_store"]
    return found
