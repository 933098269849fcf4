"""An S3 bucket as the home of pictures, for wards whose server has no disk of its own to trust."""

import io
import os
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from minio import Minio
from minio.error import S3Error
from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError

from app.photos.receiving import sha256_of
from app.photos.store.home import Missing, is_address

_NOTHING = ("NoSuchKey", "NoSuchObject", "NotFound", "404")


class S3Store:
    """See `Store`. A file is there as a whole or not at all: S3 shows an object only when it is complete."""

    def __init__(self, url: str, bucket: str, key: str, secret: str) -> None:
        parts = urlsplit(url)
        how: dict[str, Any] = {"access_key": key, "secret_key": secret, "secure": parts.scheme == "https"}
        self.client = Minio(parts.netloc, **how, region="us-east-1")
        # Whoever asks whether it is there does not want to wait as long as a photo may take.
        asking = PoolManager(timeout=Timeout(3.0), retries=False)
        self._quick = Minio(parts.netloc, **how, region="us-east-1", http_client=asking)
        self.bucket = bucket

    def put(self, source: Path) -> str:
        address = sha256_of(source)
        if self.size(address) is None:
            length = os.path.getsize(source)
            with source.open("rb") as file:
                self.client.put_object(self.bucket, address, file, length, content_type="application/octet-stream")
        return address

    def open(self, address: str) -> IO[bytes]:
        try:
            answer = self.client.get_object(self.bucket, _checked(address))
        except S3Error as error:
            raise _missing(error, address) from None
        try:
            return io.BytesIO(answer.read())
        finally:
            answer.close()
            answer.release_conn()

    def size(self, address: str) -> int | None:
        try:
            return self.client.stat_object(self.bucket, _checked(address)).size
        except S3Error as error:
            if error.code in _NOTHING:
                return None
            raise

    def is_ready(self) -> bool:
        try:
            return self._quick.bucket_exists(self.bucket)
        except (S3Error, HTTPError, OSError):
            return False

    def remove(self, address: str) -> None:
        self.client.remove_object(self.bucket, _checked(address))


def _checked(address: str) -> str:
    if not is_address(address):
        raise ValueError("not an address")
    return address


def _missing(error: S3Error, address: str) -> Exception:
    return Missing(address) if error.code in _NOTHING else error
