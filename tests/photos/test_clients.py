"""Two tus clients that know nothing of us bring a photo to the ward, in pieces and after a break."""

import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from tusclient.client import TusClient
from werkzeug.serving import make_server

from tests.cast import Cast
from tests.contract.test_catalogs import ROOT
from tests.phone import Phone
from tests.photos.camera import about, picture
from tests.photos.test_uploads import record_with, row

FILE = picture(1200, 900, "PNG")


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The application behind a real socket."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "anh.png"
    path.write_bytes(FILE)
    return path


def arrived(app: Flask, cast: Cast, photo: dict) -> None:
    kept = row(app, photo["id"])
    assert (kept.state, kept.offset, kept.sha256) == ("kept", len(FILE), photo["sha256"])
    assert cast.client("Minh").get(f"/desk/photos/{photo['id']}").status_code == 200


def said(photo: dict, record_id: str) -> dict[str, str]:
    return {"photo": photo["id"], "record": record_id, "sha256": photo["sha256"], "type": "image/png"}


@pytest.mark.parametrize("broken", [False, True], ids=["in one go", "after a break"])
def test_tuspy(app: Flask, cast: Cast, lan: Phone, address: str, file: Path, broken: bool):
    photo = about(FILE, "image/png")
    record_id = record_with(lan, photo)
    cookie = f"{cast.lan.cookie}={cast.lan.token}"
    client = TusClient(f"{address}/api/v1/uploads", headers={"Cookie": cookie, "Sec-Fetch-Site": "same-origin"})
    size = len(FILE) // 4 + 1
    with file.open("rb") as stream:
        about_it = said(photo, record_id)
        upload = client.uploader(file_stream=stream, chunk_size=size, metadata=about_it, upload_checksum=True)
        if broken:
            upload.upload_chunk()
            assert row(app, photo["id"]).offset == size
            upload = client.uploader(file_stream=stream, chunk_size=size, url=upload.url)
            assert upload.offset == size, "it asks how much is there"
        upload.upload()
    arrived(app, cast, photo)


@pytest.mark.parametrize("broken", [False, True], ids=["in one go", "after a break"])
def test_tus_js_client(app: Flask, cast: Cast, lan: Phone, address: str, file: Path, broken: bool):
    photo = about(FILE, "image/png")
    record_id = record_with(lan, photo)
    size = len(FILE) // 4 + 1
    words = [address, f"{cast.lan.cookie}={cast.lan.token}", str(file), json.dumps(said(photo, record_id)), str(size)]
    run = [str(ROOT / ".venv/node/node"), "tests/photos/tus.mjs", *words, str(size if broken else 0)]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["state"] == "kept" and told["seen"][-1] == len(FILE)
    assert told["seen"] == sorted(set(told["seen"])), "no piece goes twice"
    arrived(app, cast, photo)
