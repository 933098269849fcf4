"""A file of unsent work at the desk, in a real browser: from the phone's export to the receipts, without script too."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import DESK, PASSPHRASE, PHONE, Officer, Phone, Server, turning
from tests.browser.test_pages import LOOKS, faults, keep
from tests.browser.test_photos import photo, saves, takes, writes_a_pond
from tests.keys import Key

HERE = {"Sec-Fetch-Site": "same-origin"}


def chooses(page: Page, server: Server, path: Path) -> None:
    page.goto(f"{server.url}/desk/handover")
    page.locator("input[type=file]").set_input_files(path)
    with turning(page):
        page.locator("main form .main").click()


def file_of_hoa(server: Server, place: BrowserContext, folder: Path) -> Path:
    """What Hoa's phone could have exported: signed, unsigned and unreadable changes, one that came before, a draft."""
    key, device = Key(), str(uuid4())
    proof = {"phone": "0912000003", "passphrase": PASSPHRASE, "device": device, "label": "Samsung A10"}
    signed_in = place.request.post(f"{server.url}/api/v1/sign-in", data=proof, headers=HERE)
    person = signed_in.json()["person"]["id"]
    told = {"device": device, "public_key": key.public}
    assert place.request.post(f"{server.url}/api/v1/device-key", data=told, headers=HERE).status == 204
    bodies = [
        json.dumps({**change(number, kind), "set": answers}, ensure_ascii=False)
        for number, (kind, answers) in enumerate(
            [
                ("hazard_site", {"name": "Ao trong tệp"}),
                ("hazard_site", {"name": "Cống trong tệp"}),
                ("child_visit", {"note": "Cháu ở nhà một mình"}),
                ("violation_report", {"what": "Nghe tiếng khóc"}),
            ],
            start=1,
        )
    ]
    before = {"device": device, "app": "t", "cursor": None, "changes": [{"body": bodies[0]}]}
    assert place.request.post(f"{server.url}/api/v1/sync", data=before, headers=HERE).status == 200
    file = {
        "format": "to-am-unsent/1",
        "person": person,
        "device": device,
        "app": "t",
        "made": datetime.now(UTC).isoformat(),
        "changes": [
            *({"body": body, "sig": key.sign(body)} for body in bodies),
            {"body": bodies[1] + " "},
            {"body": "{"},
        ],
        "drafts": [{"id": "d"}],
    }
    path = folder / "to-am-2026-06-03.json"
    path.write_text(json.dumps(file, ensure_ascii=False), encoding="utf-8")
    return path


def change(seq: int, kind: str) -> dict[str, object]:
    at = "2026-06-03T09:12:44+07:00"
    return {"id": str(uuid4()), "seq": seq, "record": str(uuid4()), "kind": kind, "form": 1, "base": 0, "at": at}


@pytest.mark.parametrize(("language", "scheme"), LOOKS)
def test_every_step_is_fit_to_be_seen(
    server: Server, context: Callable[..., BrowserContext], tmp_path: Path, language: str, scheme: str
) -> None:
    officer = Officer(server, context(DESK, color_scheme=scheme, locale="en-GB" if language == "en" else "vi-VN"))
    officer.page.goto(f"{server.url}/?lang={language}")
    officer.signs_in()
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        for width in (1280, 320):
            officer.page.set_viewport_size({"width": width, "height": 800})
            found[f"{name} at {width}"] = faults(officer.page)
            keep(officer.page, f"desk-handover-{name}-{width}-{language}-{scheme}")

    wrong = tmp_path / "photo.json"
    wrong.write_bytes(b"\x89PNG")
    chooses(officer.page, server, wrong)
    look("bad")
    chooses(officer.page, server, file_of_hoa(server, context(PHONE), tmp_path))
    look("look")
    with turning(officer.page):
        officer.page.locator("main form .main").click()
    officer.page.locator("table").wait_for()
    look("taken")
    assert not [f"{name}: {row}" for name, rows in found.items() for row in rows]


def test_from_a_phone_without_signal_to_the_wards_queue_without_script(
    server: Server, context: Callable[..., BrowserContext], lan: Phone, tmp_path: Path
) -> None:
    lan.loses_signal()
    writes_a_pond(lan.page, server.url, "Ao mang ra phường")
    takes(lan.page, photo(1, 1200))
    saves(lan.page)
    lan.opens("#/me")
    expect(lan.page.get_by_text("Kèm 1 ảnh chưa gửi")).to_be_visible()
    with lan.page.expect_download() as given:
        lan.page.get_by_role("button", name="Xuất tệp").click()
    assert given.value.suggested_filename.endswith(".bin")
    given.value.save_as(tmp_path / "unsent.txt")
    assert b"RIFF" not in (tmp_path / "unsent.txt").read_bytes(), "the photo is sealed"
    officer = Officer(server, context(DESK, java_script_enabled=False))
    officer.signs_in()
    chooses(officer.page, server, tmp_path / "unsent.txt")
    expect(officer.page.get_by_text("Nguyễn Thị Lan")).to_be_visible()
    officer.presses("Nhập 1 lần ghi, 1 ảnh")
    expect(officer.page.get_by_text("Đã nhận").first).to_be_visible()
    expect(officer.page.get_by_text("Phường đã giữ 1/1 ảnh")).to_be_visible()
    with officer.page.expect_download() as receipts:
        officer.page.get_by_role("button", name="Tải tệp biên nhận").click()
    assert receipts.value.suggested_filename.startswith("to-am-receipts-")
    officer.opens("Ao mang ra phường")
    expect(officer.page.locator("img[src*='/thumb']")).to_have_js_property("complete", True)
    lan.finds_signal()
    lan.opens("#/records")
    entry = lan.page.locator("li", has_text="Ao mang ra phường")
    expect(entry.get_by_text("Phường đã nhận")).to_be_visible()
