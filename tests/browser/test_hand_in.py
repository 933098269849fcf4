"""A real browser's key and signatures, checked by the real server: work that no sign-in carries any more."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from app.identity.signatures import verify
from app.seals.rules import signed_text
from tests.browser.conftest import DESK, PHONE, Officer, Phone, Server, turning
from tests.browser.sealed import inside
from tests.browser.test_pages import LOOKS, faults, keep, speak


@pytest.fixture
def hoa(server: Server, context: Callable[..., BrowserContext]) -> Phone:
    phone = Phone(server, context(PHONE))
    with phone.page.expect_response(lambda answer: answer.url.endswith("/api/v1/device-key")) as told:
        phone.signs_in("0912000003")
    assert told.value.status == 204
    phone.is_ready()
    return phone


def revokes_the_phone_of_hoa(server: Server, admin: Page) -> None:
    admin.goto(f"{server.url}/desk/people")
    with turning(admin):
        admin.get_by_role("link", name="Đỗ Thị Hoa").click()
    with turning(admin):
        admin.locator("form", has=admin.locator("input[name=sign_in][value=all]")).get_by_role("button").click()


def test_a_revoked_phone_hands_in_what_it_recorded_offline(
    server: Server, context: Callable[..., BrowserContext], hoa: Phone
) -> None:
    hoa.loses_signal()
    hoa.records_a_pond("Ao ghi lúc không có mạng")
    admin = Officer(server, context(DESK))
    admin.signs_in("0912000000")
    revokes_the_phone_of_hoa(server, admin.page)
    with hoa.page.expect_response(lambda answer: answer.url.endswith("/api/v1/intake")) as handed:
        hoa.finds_signal()
    [receipt] = handed.value.json()["receipts"]
    # Had the server not believed the browser's signature, it would say bad_signature.
    assert (receipt["outcome"], receipt["problems"]) == ("quarantined", [{"code": "phone_revoked"}])
    assert "cookie" not in handed.value.request.all_headers(), "it goes without any sign-in"
    hoa.opens("#/records")
    entry = hoa.page.locator("li", has_text="Ao ghi lúc không có mạng")
    expect(entry.get_by_text("Phường đã nhận, chờ người xem")).to_be_visible()
    hoa.opens("#/sync")
    expect(hoa.page.get_by_text("xin phường mã mới rồi đăng nhập lại")).to_be_visible()
    expect(hoa.page.get_by_role("link", name="Đăng nhập lại")).to_be_visible()
    assert looked_at(hoa) == []
    releases_the_first_of_hoa(server, admin.page)
    minh = Officer(server, context(DESK))
    minh.signs_in()
    minh.opens("Ao ghi lúc không có mạng")
    expect(minh.page.get_by_text("Đỗ Thị Hoa").first).to_be_visible()


def releases_the_first_of_hoa(server: Server, admin: Page) -> None:
    """The administrator sees what the revoked phone handed in, and lets it into the ward's queue."""
    admin.goto(f"{server.url}/desk/quarantine")
    with turning(admin):
        admin.locator("main tr", has_text="Đỗ Thị Hoa").first.get_by_role("link").first.click()
    expect(admin.locator("pre.raw").first).to_contain_text("Ao ghi lúc không có mạng")
    admin.locator("input[name=whose][value=own]").check()
    admin.locator("#release .main").click()
    expect(admin.get_by_text("Đã chuyển vào hàng việc").first).to_be_visible()


def looked_at(phone: Phone) -> list[str]:
    """What axe finds on the screens of a phone whose work was handed in, in both languages, light and dark."""
    found: list[str] = []
    phone.opens("#/records")
    phone.page.locator("li a", has_text="Ao ghi lúc không có mạng").click()
    phone.page.wait_for_url("**/#/record/**")
    places = {"record": phone.page.url.split("/app/")[1], "home": "#/", "sync": "#/sync", "me": "#/me"}
    for language, scheme in LOOKS:
        phone.opens("#/me")
        speak(phone.page, language)
        phone.page.emulate_media(color_scheme=scheme)
        for name, place in places.items():
            phone.opens(place)
            phone.page.locator("h1").first.wait_for()
            found += [f"{name}: {row}" for row in faults(phone.page)]
            keep(phone.page, f"phone-handed-in-{name}-{language}-{scheme}")
    return found


def test_unsent_work_leaves_as_a_signed_file_and_stays(server: Server, hoa: Phone, tmp_path: Path) -> None:
    hoa.loses_signal()
    hoa.records_a_pond("Ao trong tệp")
    hoa.opens("#/sync")
    with hoa.page.expect_download() as given:
        hoa.page.get_by_role("button", name="Xuất tệp").click()
    assert re.fullmatch(r"to-am-\d{4}-\d\d-\d\d\.json", given.value.suggested_filename)
    given.value.save_as(tmp_path / "unsent.json")
    file = json.loads((tmp_path / "unsent.json").read_text(encoding="utf-8"))
    assert file["format"] == "to-am-unsent/2" and file.keys() >= {"person", "device", "app", "made", "changes"}
    [change] = file["changes"]
    assert "Ao trong" not in json.dumps(file, ensure_ascii=False), "whoever carries it can read it"
    body = inside(server, change)
    assert json.loads(body)["set"]["name"] == "Ao trong tệp"
    expect(hoa.page.get_by_text("Đã xuất")).to_be_visible()
    signed = signed_text(file["person"], file["device"], json.loads(body)["id"], body)
    assert verify(public_key(hoa.page), change["sig"], signed)
    hoa.opens("#/records")
    expect(hoa.page.get_by_text("Trên máy này, chờ gửi").first).to_be_visible()


def test_a_form_that_cannot_be_saved_leaves_as_a_file(server: Server, hoa: Phone, tmp_path: Path) -> None:
    hoa.opens("#/new/hazard_site")
    hoa.page.get_by_label("Loại điểm nguy cơ").select_option("DN2")
    hoa.page.get_by_label("Tên gọi chỗ này").fill("Ao không lưu được")
    hoa.page.get_by_label("Địa chỉ").fill("Ngõ 12")
    hoa.page.evaluate(
        "() => { IDBObjectStore.prototype.add = () => { throw new DOMException('full', 'QuotaExceededError'); } }"
    )
    for _ in range(4):
        hoa.goes_on()
    expect(hoa.page.get_by_text("Máy đã đầy nên chưa lưu được")).to_be_visible()
    assert faults(hoa.page) == []
    with hoa.page.expect_download() as given:
        hoa.page.get_by_role("button", name="Xuất ra tệp để giữ").click()
    given.value.save_as(tmp_path / "unsent.json")
    file = json.loads((tmp_path / "unsent.json").read_text(encoding="utf-8"))
    assert file["changes"] == []
    assert [json.loads(inside(server, draft))["draft"]["name"] for draft in file["drafts"]] == ["Ao không lưu được"]


def public_key(page: Page) -> str:
    """The public half of the key in the person's database; the private one cannot be taken out."""
    found: list[object] = page.evaluate(
        """async () => {
          const name = (await indexedDB.databases()).map((one) => one.name).find((one) => one.length > 20);
          const done = (request) => new Promise((tell) => { request.onsuccess = () => tell(request.result); });
          const db = await done(indexedDB.open(name));
          const key = await done(db.transaction("facts").objectStore("facts").get("deviceKey"));
          db.close();
          const out = await crypto.subtle.exportKey("jwk", key.private).then(() => "taken out", () => "kept");
          return [key.public, key.private.extractable, out];
        }"""
    )
    assert found[1:] == [False, "kept"]
    return str(found[0])
