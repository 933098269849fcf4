"""A tus client that does one thing at a time, so that a test can break off anywhere."""

import base64
import hashlib
import json
from typing import Any

from werkzeug.test import TestResponse

from tests.phone import Phone

Json = dict[str, Any]


def metadata(**values: str) -> str:
    """Upload-Metadata."""
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())


class Uploader:
    """The uploads of one phone."""

    def __init__(self, phone: Phone) -> None:
        self.client = phone.client

    def ask(self, method: str, path: str, data: bytes = b"", **headers: str) -> TestResponse:
        given = {"Tus-Resumable": "1.0.0", "Sec-Fetch-Site": "same-origin"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(path, method=method, data=data, headers=given)

    def begin(self, photo: Json, record: str, **more: str) -> TestResponse:
        said = metadata(photo=photo["id"], record=record, sha256=photo["sha256"], type=photo["type"], **more)
        return self.ask("POST", "/api/v1/uploads", Upload_Length=str(photo["size"]), Upload_Metadata=said)

    def offset(self, photo_id: str) -> int:
        return int(self.ask("HEAD", f"/api/v1/uploads/{photo_id}").headers["Upload-Offset"])

    def piece(self, photo_id: str, at: int, data: bytes, *, checksum: bool = False) -> TestResponse:
        more = {}
        if checksum:
            more["Upload_Checksum"] = f"sha256 {base64.b64encode(hashlib.sha256(data).digest()).decode()}"
        kind = {"Content_Type": "application/offset+octet-stream", "Upload_Offset": str(at)}
        return self.ask("PATCH", f"/api/v1/uploads/{photo_id}", data, **kind, **more)

    def send(self, photo: Json, record: str, file: bytes) -> TestResponse:
        """All of it, in one piece."""
        assert self.begin(photo, record).status_code == 201
        return self.piece(photo["id"], 0, file)


def problem(answer: TestResponse) -> str:
    """The code of a problem document."""
    return str(json.loads(answer.data)["code"])
