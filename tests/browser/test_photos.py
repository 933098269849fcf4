"""A photo's way in a real browser: taken without signal, through kills and cut lines, to the ward's desk."""

import io
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import BrowserContext, FilePayload, Page, Playwright, Request, Route, expect

from tests.browser.builds import CLIENT, Plant
from tests.browser.conftest import PHONE, Officer, Phone, Server, opens_if_locked
from tests.browser.killable import Killable
from tests.browser.releases import Releases
from tests.browser.test_pages import faults, keep

HOME = "PLANTED-HOME-21.0461"
UPLOADS = "**/api/v1/uploads**"
GALLERY = """() => {
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: "/app/shared", enctype: "multipart/form-data" });
  form.innerHTML = '<input type="file" name="photos" multiple id="from-gallery">';
  document.body.append(form);
}"""


def photo(turn: int = 1, side: int = 2400, noise: bool = True) -> FilePayload:
    """A file as a phone's camera makes it: its traces in it, a pond, and enough grain that it travels in pieces."""
    dice = random.Random(turn)
    image = Image.new("RGB", (side, side * 3 // 4), "#bcd6e6")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, image.height // 2, image.width, image.height), fill="#6a8f4e")
    draw.ellipse((side // 4, image.height // 2, side * 3 // 4, image.height - 200), fill="#26566b")
    if noise:
        grain = Image.frombytes("L", (side // 8, image.height // 8), dice.randbytes(side // 8 * (image.height // 8)))
        image = Image.blend(image, grain.resize(image.size).convert("RGB"), 0.3)
    traces = Image.Exif()
    traces[0x0112], traces[0x010F] = turn, HOME
    traces.get_ifd(0x8769)[0x9003] = "2026:06:03 09:11:02"
    gps = traces.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (21.0, 2.0, 37.32), "E", (105.0, 55.0, 33.24)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90, exif=traces)
    return {"name": f"IMG_{turn}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def writes_a_pond(page: Page, url: str, name: str) -> None:
    """The form as far as its photos."""
    page.goto(f"{url}/app/#/new/hazard_site")
    page.get_by_label("Loại điểm nguy cơ").select_option("DN2")
    page.get_by_label("Tên gọi chỗ này").fill(name)
    page.get_by_label("Địa chỉ").fill("Ngõ 12")
    page.locator(".dock .main").click()


def takes(page: Page, *files: FilePayload) -> None:
    page.locator("input[type=file][multiple]").set_input_files(list(files))
    expect(page.get_by_text("Ảnh đã nằm trên máy này")).to_be_visible(timeout=30_000)


def saves(page: Page) -> None:
    for _ in range(3):
        page.locator(".dock .main").click()
    page.get_by_text("Đã lưu trên máy này").wait_for()


def test_through_a_killed_browser_and_a_line_that_breaks_to_the_desk(
    server: Server, play: Playwright, minh: Officer, tmp_path: Path
) -> None:
    phone = Killable(play, tmp_path / "profile")
    page = phone.starts()
    page.goto(f"{server.url}/app/")
    lan = Phone.__new__(Phone)
    lan.server, lan.context, lan.page, lan.trips = server, phone.context, page, []
    lan.signs_in("0912000007")
    lan.is_ready()
    # Cookies get to the disk now and then only.
    phone.close()
    page = phone.starts()
    page.goto(f"{server.url}/app/")
    opens_if_locked(page)
    page.get_by_text("Thăm trẻ").first.wait_for()
    phone.context.set_offline(True)
    writes_a_pond(page, server.url, "Ao có ảnh")
    takes(page, photo(6), photo(1, 800))
    page.get_by_role("button", name="Ảnh 1").click()
    page.get_by_label("Lời ghi cho ảnh").fill("Bờ ao chưa có rào")
    saves(page)
    phone.kill()
    phone.forget()

    page = phone.starts()
    cuts: list[str] = []

    def cut(route: Route, request: Request) -> None:
        """Every second piece of the first ones gets to the ward, but no answer to it comes back."""
        if request.method != "PATCH" or len(cuts) >= 4:
            route.continue_()
            return
        cuts.append(request.headers["upload-offset"])
        if len(cuts) % 2:
            route.fetch()
        route.abort()

    bodies: list[bytes] = []
    page.on("request", lambda r: bodies.append(r.post_data_buffer or b"") if r.method == "PATCH" else None)
    page.route(UPLOADS, cut)
    page.goto(f"{server.url}/app/#/records")
    opens_if_locked(page)
    pond = page.locator("li").filter(has_text="Ao có ảnh")
    expect(pond.get_by_text("Phường đã nhận")).to_be_visible(timeout=20_000)
    expect(pond.get_by_text("ảnh đã gửi")).to_have_count(0, timeout=90_000)
    assert len(cuts) == 4
    sent = b"".join(bodies)
    assert HOME.encode() not in sent and b"Exif" not in sent

    minh.opens("Ao có ảnh")
    thumbs = minh.page.locator(".shots img")
    expect(thumbs).to_have_count(2)
    expect(thumbs.first).to_have_attribute("alt", "Bờ ao chưa có rào")
    # On the clock of the phone, which in this browser is UTC.
    expect(minh.page.get_by_text("03/06/2026 16:11").first).to_be_visible()
    assert faults(minh.page) == []
    keep(minh.page, "desk-record-photos")
    thumbs.first.click()
    large = minh.page.locator(".large img")
    large.wait_for()
    size = large.evaluate("(img) => img.decode().then(() => [img.naturalWidth, img.naturalHeight])")
    assert size == [1200, 1600], "upright, and as large as the kit says"
    expect(minh.page.get_by_text("21.04370, 105.92590")).to_be_visible()
    assert faults(minh.page) == []
    keep(minh.page, "desk-photo")
    phone.kill()
    phone.forget()


BEHIND = Plant(
    f"{CLIENT}/state.ts",
    "  void sendPhotos(person.id).catch(() => undefined);",
    "  await sendPhotos(person.id).catch(() => undefined);",
)
BEHIND_TOO = Plant(f"{CLIENT}/state.ts", "lane.go(person);", "await lane.go(person);")


def words_pass(releases: Releases, context: Callable[..., BrowserContext]) -> bool:
    """Whether a record is received while a photo's piece hangs on the line."""
    phone = Phone(releases, context(PHONE))
    phone.signs_in("0912000007")
    phone.is_ready()
    page = phone.page
    hanging: list[Route] = []
    page.route(
        UPLOADS, lambda route, request: hanging.append(route) if request.method == "PATCH" else route.continue_()
    )
    writes_a_pond(page, releases.url, "Ao thứ nhất")
    with page.expect_request(lambda request: request.method == "PATCH", timeout=60_000):
        takes(page, photo(1, 800))
        saves(page)
    writes_a_pond(page, releases.url, "Ao thứ hai")
    saves(page)
    page.goto(f"{releases.url}/app/#/records")
    second = page.locator("li").filter(has_text="Ao thứ hai").first.get_by_text("Phường đã nhận")
    try:
        expect(second).to_be_visible(timeout=8_000)
    except AssertionError:
        return False
    assert hanging
    return True


@pytest.mark.parametrize("plants", [(), (BEHIND, BEHIND_TOO)], ids=["as it is", "planted: photos before words"])
def test_words_do_not_wait_behind_photos(
    releases: Releases, context: Callable[..., BrowserContext], plants: tuple[Plant, ...]
) -> None:
    releases.deploy(*plants)
    assert words_pass(releases, context) is not bool(plants)
    releases.deploy()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_screens_with_photos(server: Server, context: Callable[..., BrowserContext], scheme: str) -> None:
    """Taking, naming, ordering, removing; waiting; the record; a report's original. axe finds nothing."""
    phone = Phone(server, context(PHONE, color_scheme=scheme))
    phone.signs_in("0912000007")
    phone.is_ready()
    page = phone.page
    phone.loses_signal()
    writes_a_pond(page, server.url, f"Hồ {scheme}")
    takes(page, photo(1, 800, noise=False), photo(3, 800, noise=False), photo(6, 800, noise=False))
    page.get_by_role("button", name="Ảnh 2").click()
    page.get_by_label("Lời ghi cho ảnh").fill("Lối xuống nước")
    found = {"form": faults(page)}
    keep(page, f"phone-photos-form-{scheme}")
    page.get_by_role("button", name="Đưa lên trước").click()
    expect(page.get_by_role("button", name="Ảnh 1")).to_contain_text("Lối xuống nước")
    page.get_by_role("button", name="Ảnh 3").click()
    page.get_by_role("button", name="Bỏ ảnh này").click()
    found["remove"] = faults(page)
    page.get_by_role("button", name="Bỏ ảnh", exact=True).click()
    expect(page.get_by_text("2/8 ảnh")).to_be_visible()
    phone.reloads()
    expect(page.get_by_role("button", name="Ảnh 1")).to_contain_text("Lối xuống nước")
    saves(page)
    phone.opens("#/sync")
    page.get_by_text("Ảnh chờ gửi").wait_for()
    found["sync"] = faults(page)
    keep(page, f"phone-photos-sync-{scheme}")
    phone.opens("#/records")
    expect(page.get_by_text("0/2 ảnh đã gửi").first).to_be_visible()
    page.get_by_text(f"Hồ {scheme}").first.click()
    page.get_by_role("button", name="Lối xuống nước").click()
    page.locator("img.whole").wait_for()
    found["record"] = faults(page)
    keep(page, f"phone-photos-record-{scheme}")
    phone.opens("#/new/violation_report")
    phone.goes_on()
    expect(page.get_by_label("Giữ ảnh gốc")).to_be_visible()
    found["report"] = faults(page)
    keep(page, f"phone-photos-report-{scheme}")
    assert not [f"{name}: {row}" for name, rows in found.items() for row in rows]


def test_what_is_shared_from_the_gallery_becomes_photos_of_a_form_without_signal(lan: Phone) -> None:
    page, posts = lan.page, []
    page.on("request", lambda request: posts.append(request) if request.url.endswith("/app/shared") else None)
    lan.loses_signal()
    # As Android does it: a form post of files, as a navigation.
    page.evaluate(GALLERY)
    page.locator("#from-gallery").set_input_files([photo(1, 800, noise=False), photo(6, 800, noise=False)])
    page.evaluate("() => document.querySelector('form[action=\"/app/shared\"]').submit()")
    opens_if_locked(page)
    page.get_by_text("Dùng các ảnh này cho việc gì?").wait_for()
    assert page.locator(".shots img").count() == 2
    assert faults(page) == []
    keep(page, "phone-photos-shared")
    page.get_by_role("button", name="Ghi mới: Điểm nguy cơ").click()
    expect(page.get_by_text("2/8 ảnh")).to_be_visible(timeout=30_000)
    lan.opens("#/shared")
    expect(page.get_by_text("Không có ảnh nào")).to_be_visible()


def test_a_file_that_is_no_picture_is_told_and_costs_nothing(lan: Phone) -> None:
    page = lan.page
    writes_a_pond(page, lan.server.url, "Ao không ảnh")
    page.locator("input[type=file][multiple]").set_input_files(
        [{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"khong phai anh"}]
    )
    expect(page.get_by_text("Không đọc được tệp này")).to_be_visible()
    expect(page.get_by_text("0/8 ảnh")).to_be_visible()
    saves(page)


def test_a_nearly_full_phone_refuses_photos_and_saves_words(lan: Phone) -> None:
    page = lan.page
    page.evaluate("() => navigator.storage.estimate = async () => ({ usage: 95e6, quota: 100e6 })")
    writes_a_pond(page, lan.server.url, "Ao máy đầy")
    page.locator("input[type=file][multiple]").set_input_files([photo(1, 800, noise=False)])
    expect(page.get_by_text("Máy gần hết chỗ nên không nhận thêm ảnh")).to_be_visible()
    saves(page)


def test_a_photo_taken_again_keeps_its_place_and_its_caption(lan: Phone) -> None:
    page = lan.page
    lan.loses_signal()
    writes_a_pond(page, lan.server.url, "Ao chụp lại")
    with page.expect_file_chooser() as camera:
        page.get_by_role("button", name="Chụp ảnh").click()
    assert not camera.value.is_multiple()
    camera.value.set_files(photo(1, 800, noise=False))
    expect(page.get_by_text("1/8 ảnh")).to_be_visible(timeout=30_000)
    takes(page, photo(3, 800, noise=False))
    page.get_by_role("button", name="Ảnh 1").click()
    page.get_by_label("Lời ghi cho ảnh").fill("Bờ ao")
    before = page.locator(".shot .thumb").first.get_attribute("src")
    with page.expect_file_chooser() as camera:
        page.get_by_role("button", name="Chụp lại").click()
    camera.value.set_files(photo(6, 800, noise=False))
    expect(page.locator(".shot .thumb").first).not_to_have_attribute("src", before or "")
    expect(page.get_by_role("button", name="Ảnh 1")).to_contain_text("Bờ ao")
    expect(page.get_by_text("2/8 ảnh")).to_be_visible()
