"""Every home for pictures keeps the same promises: one suite, run over a folder and over a real S3 server."""

import hashlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from app.photos.store import Missing, Store
from app.photos.store.local import LocalStore
from app.photos.store.s3 import S3Store

BUCKET = "pictures"


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A local S3 server with an empty bucket; its address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    boto3.client(
        "s3", endpoint_url=address, aws_access_key_id="key", aws_secret_access_key="secret", region_name="us-east-1"
    ).create_bucket(Bucket=BUCKET)
    yield address
    server.stop()


@pytest.fixture(params=["folder", "S3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return LocalStore(tmp_path / "kept")
    return S3Store(request.getfixturevalue("s3"), BUCKET, "key", "secret")


def file(folder: Path, data: bytes) -> Path:
    path = folder / "new"
    path.write_bytes(data)
    return path


def test_what_was_put_comes_back(store: Store, tmp_path: Path):
    data = os.urandom(300_000)
    address = store.put(file(tmp_path, data))
    assert address == hashlib.sha256(data).hexdigest()
    with store.open(address) as kept:
        assert kept.read() == data
    assert store.size(address) == len(data)


def test_the_same_bytes_are_kept_once(store: Store, tmp_path: Path):
    first, second = (store.put(file(tmp_path, b"anh")) for _ in range(2))
    assert first == second and store.size(first) == 3


def test_an_unknown_address_is_missing(store: Store):
    unknown = hashlib.sha256(b"nobody").hexdigest()
    assert store.size(unknown) is None
    with pytest.raises(Missing):
        store.open(unknown)
    store.remove(unknown)


def test_removed_it_is_gone(store: Store, tmp_path: Path):
    address = store.put(file(tmp_path, b"going"))
    store.remove(address)
    assert store.size(address) is None


@pytest.mark.parametrize("address", ["", "../../etc/passwd", "A" * 64, "0" * 63 + "/", "0" * 65])
def test_nothing_but_an_address_is_looked_up(store: Store, address: str):
    with pytest.raises(ValueError, match="not an address"):
        store.open(address)


def test_many_at_once_see_all_or_nothing(store: Store, tmp_path: Path):
    data = os.urandom(500_000)
    sources = []
    for number in range(4):
        folder = tmp_path / str(number)
        folder.mkdir()
        sources.append(file(folder, data))
    address, wrong = hashlib.sha256(data).hexdigest(), []

    def look() -> None:
        for _ in range(20):
            if store.size(address) is not None:
                with store.open(address) as kept:
                    wrong.extend([1] if kept.read() != data else [])

    threads = [threading.Thread(target=store.put, args=(source,)) for source in sources]
    threads += [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong and store.size(address) == len(data)


def test_a_crash_while_writing_leaves_no_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    store = LocalStore(tmp_path / "kept")

    def dies(*_: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patched, pytest.raises(OSError, match="no space"):
        patched.setattr(os, "fsync", dies)
        store.put(file(tmp_path, b"half"))
    assert store.size(hashlib.sha256(b"half").hexdigest()) is None
    assert [path for path in (tmp_path / "kept").rglob("*") if path.is_file()] == []
