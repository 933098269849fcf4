"""Places in a real browser: GPS that moves, the map without signal, known places near, the desk's map."""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Route, TimeoutError, expect

from tests.browser.conftest import DESK, HERE, PHONE, Officer, Phone, Server
from tests.browser.test_pages import faults, keep
from tests.maps.making import BOX, picture, write_map

PURPLE = (200, 60, 220)
POND = (223, 235, 243)  # --river-soft
ELSEWHERE = {"latitude": 21.0437, "longitude": 105.8700, "accuracy": 9}  # in Long Biên, outside of the ward's box


# What is closed up on the phone cannot be read there: it is noted on its way, as the app hands it to the browser.
NOTES = """(() => {
  const real = SubtleCrypto.prototype.encrypt;
  window.noted = [];
  SubtleCrypto.prototype.encrypt = function (how, key, data) {
    window.noted.push(JSON.parse(new TextDecoder().decode(data)));
    return real.call(this, how, key, data);
  };
})()"""
NEWEST_PLACE = "() => window.noted.findLast(({ values }) => values?.place)?.values.place ?? {}"
COLOUR = """([x, y]) => {
  const map = document.querySelector("canvas.map-canvas");
  const [px, py] = [Math.round(map.width * x), Math.round(map.height * y)];
  return [...map.getContext("2d").getImageData(px, py, 1, 1).data].slice(0, 3);
}"""


@pytest.fixture(scope="module")
def ward(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server, whose ward has a map of pictures in one colour."""
    path = write_map(tmp_path_factory.mktemp("maps") / "phuc-loi.pmtiles", zooms=range(12, 19, 2), colour=PURPLE)
    server.command("map", "load", str(path), "--ward", "00136")
    yield server
    server.command("map", "remove", "--ward", "00136")


@pytest.fixture
def hoa(ward: Server, context: Callable[..., BrowserContext]) -> Phone:
    phone = Phone(ward, context(PHONE))
    phone.context.add_init_script(NOTES)
    phone.signs_in("0912000003")
    phone.is_ready()
    return phone


def at(north: float = 0, east: float = 0, accuracy: float = 9) -> dict[str, float]:
    """So many metres from where everybody stands."""
    return {
        "latitude": HERE["latitude"] + north / 111_320,
        "longitude": HERE["longitude"] + east / 103_900,
        "accuracy": accuracy,
    }


def begins(phone: Phone, name: str = "Ao thử vị trí") -> None:
    phone.opens("#/")
    phone.opens("#/new/hazard_site")
    phone.page.get_by_label("Loại điểm nguy cơ").select_option("DN2")
    phone.page.get_by_label("Tên gọi chỗ này").fill(name)


def measures(phone: Phone) -> None:
    phone.page.get_by_role("button", name="Lấy vị trí ở đây").click()
    phone.page.get_by_role("button", name="Dùng vị trí này").or_(
        phone.page.get_by_text("Đã có vị trí")
    ).first.wait_for()
    use = phone.page.get_by_role("button", name="Dùng vị trí này")
    if use.is_visible():
        use.click()
    phone.page.get_by_text("Đã có vị trí").wait_for()


def place_of(phone: Phone) -> dict[str, Any]:
    """The open form's answer, as the draft on the phone has it."""
    found: dict[str, Any] = phone.page.evaluate(NEWEST_PLACE)
    return found


def waits_for_colour(page: Page, wanted: tuple[int, int, int]) -> None:
    """Until a tenth of the map has the colour."""
    page.locator("canvas.map-canvas").wait_for()
    page.wait_for_function(
        f"""(wanted) => [...Array(200).keys()].filter((i) => ({COLOUR})([(i % 20) / 20, Math.floor(i / 20) / 10])
          .every((part, n) => Math.abs(part - wanted[n]) < 5)).length > 20""",
        arg=list(wanted),
    )


def test_readings_become_one_place_with_its_age_and_ring(hoa: Phone) -> None:
    hoa.context.set_geolocation(at(0, 0, 20))
    begins(hoa)
    hoa.page.get_by_role("button", name="Lấy vị trí ở đây").click()
    expect(hoa.page.get_by_text("sai số 20 m")).to_be_visible()
    hoa.context.set_geolocation(at(8, 0, 12))
    expect(hoa.page.get_by_text("sai số 12 m")).to_be_visible()
    expect(hoa.page.get_by_text(re.compile(r"\d lần đo · vừa xong"))).to_be_visible()
    keep(hoa.page, "phone-place-measuring-vi-light")
    hoa.context.set_geolocation(at(100, 0, 15))  # she walks on
    expect(hoa.page.get_by_text("sai số 15 m")).to_be_visible()
    hoa.page.get_by_role("button", name="Dùng vị trí này").click()
    expect(hoa.page.get_by_text("Đã có vị trí, sai số 15 m")).to_be_visible()
    assert hoa.page.locator("svg.map .ring").count() == 1
    expect(hoa.page.get_by_text("Nháp đã lưu lúc")).to_be_visible()
    hoa.page.wait_for_timeout(800)
    place = place_of(hoa)
    assert (place["acc"], place["how"]) == (15, "gps") and place["at"]
    assert abs(place["lat"] - at(100)["latitude"]) < 2e-6
    hoa.context.set_geolocation(at(300, 0, 3))  # and further: what was taken stays
    hoa.page.wait_for_timeout(800)
    assert place_of(hoa) == place


def test_outside_the_ward_is_asked_about_and_never_stops(hoa: Phone) -> None:
    begins(hoa, "Ao ngoài phường")
    hoa.context.set_geolocation(ELSEWHERE)
    measures(hoa)
    expect(hoa.page.get_by_text("nằm ngoài phường Phúc Lợi")).to_be_visible()
    expect(hoa.page.get_by_text("Vẫn lưu được")).to_be_visible()
    keep(hoa.page, "phone-place-outside-vi-light")
    assert faults(hoa.page) == []
    for _ in range(4):
        hoa.goes_on()
    expect(hoa.page.get_by_text("Đã lưu trên máy này")).to_be_visible()


def test_without_permission_the_address_and_the_map_are_left(
    ward: Server, context: Callable[..., BrowserContext]
) -> None:
    phone = Phone(ward, context(PHONE, permissions=[]))
    phone.context.add_init_script(NOTES)
    phone.signs_in("0912000003")
    phone.is_ready()
    begins(phone, "Ao không GPS")
    phone.page.get_by_role("button", name="Lấy vị trí ở đây").click()
    expect(phone.page.get_by_text("Ghi địa chỉ bằng chữ cũng được")).to_be_visible()
    phone.page.get_by_role("link", name="Chọn trên bản đồ").click()
    phone.page.get_by_role("button", name="Dời ghim lên bắc").click()
    phone.page.get_by_role("button", name="Dùng chỗ này").click()
    expect(phone.page.get_by_text("Đặt bằng tay")).to_be_visible()


def test_the_ward_map_is_fetched_on_demand_and_drawn_without_signal(hoa: Phone) -> None:
    fetched: list[str] = []
    hoa.page.on("request", lambda r: fetched.append(r.headers.get("range", "")) if "/api/v1/maps/" in r.url else None)
    begins(hoa, "Ao trên bản đồ")
    measures(hoa)
    hoa.page.get_by_role("link", name="Xem và dời ghim").click()
    hoa.page.locator("canvas.map-canvas").wait_for()
    expect(hoa.page.get_by_text("Ghim ở chỗ đang đứng, sai số 9 m")).to_be_visible()
    assert fetched == [], "nothing is fetched before she asks"
    in_both_schemes(hoa.page, "phone-map-plain-vi")
    hoa.page.get_by_role("button", name="Tải bản đồ phường").click()
    expect(hoa.page.get_by_text("Bản đồ phường đã ở trên máy này")).to_be_visible()
    assert fetched and all(one.startswith("bytes=") for one in fetched)
    hoa.loses_signal()
    hoa.reloads()
    hoa.page.locator("canvas.map-canvas").wait_for()
    waits_for_colour(hoa.page, PURPLE)
    in_both_schemes(hoa.page, "phone-map-file-vi")
    hoa.page.get_by_role("button", name="Dời ghim sang đông").click()
    expect(hoa.page.get_by_text(re.compile(r"Ghim cách chỗ đang đứng \d+ m về phía đông"))).to_be_visible()
    hoa.page.get_by_role("button", name="Dùng chỗ này").click()
    expect(hoa.page.get_by_text("Chọn trên bản đồ", exact=True)).to_be_visible()
    hoa.page.wait_for_timeout(800)
    place = place_of(hoa)
    assert (place["how"], place["acc"]) == ("map", None), "nobody measured this point"
    assert place["lon"] > at()["longitude"] and place["lat"] == pytest.approx(at()["latitude"], abs=1e-5)
    for _ in range(4):
        hoa.goes_on()
    expect(hoa.page.get_by_text("Đã lưu trên máy này")).to_be_visible()
    hoa.opens("#/records")
    hoa.page.get_by_role("link", name=re.compile("Ao trên bản đồ")).first.click()
    waits_for_colour(hoa.page, PURPLE)  # its own page shows it on the ward's map, without signal as well
    in_both_schemes(hoa.page, "phone-place-record-map-vi")


def test_the_map_is_dragged_under_the_pin_and_comes_nearer(hoa: Phone) -> None:
    begins(hoa, "Ao kéo bản đồ")
    measures(hoa)
    hoa.page.get_by_role("link", name="Xem và dời ghim").click()
    box = hoa.page.locator("canvas.map-canvas").bounding_box()
    assert box
    mouse, x, y = hoa.page.mouse, box["x"] + box["width"] / 2, box["y"] + 60
    mouse.move(x, y)
    mouse.down()
    mouse.move(x, y + 30)
    mouse.move(x, y + 90)
    mouse.up()
    expect(hoa.page.get_by_text(re.compile(r"Ghim cách chỗ đang đứng \d+ m về phía bắc"))).to_be_visible()
    far = hoa.page.get_by_role("button", name=re.compile("Dời ghim lên bắc")).get_attribute("aria-label")
    for _ in range(2):
        hoa.page.get_by_role("button", name="Xa ra").click()
    hoa.page.get_by_role("button", name="Dời ghim lên bắc").click()
    assert hoa.page.get_by_role("button", name=re.compile("Dời ghim lên bắc")).get_attribute("aria-label") != far
    hoa.page.get_by_role("button", name="Về chỗ đang đứng").click()
    expect(hoa.page.get_by_text("Ghim ở chỗ đang đứng")).to_be_visible()
    hoa.page.get_by_role("button", name="Dùng chỗ này").click()
    expect(hoa.page.get_by_text("Đã có vị trí, sai số 9 m")).to_be_visible()


def test_a_known_place_near_is_offered_without_signal(hoa: Phone) -> None:
    hoa.loses_signal()
    hoa.context.set_geolocation(at(2_000))
    begins(hoa, "Ao nhà văn hóa")
    measures(hoa)
    for _ in range(4):
        hoa.goes_on()
    expect(hoa.page.get_by_text("Đã lưu trên máy này")).to_be_visible()
    hoa.context.set_geolocation(at(2_030))
    begins(hoa, "ao nha van hoa")
    measures(hoa)
    expect(hoa.page.get_by_text("Có 1 điểm gần đây: Ao nhà văn hóa, cách 30 m")).to_be_visible()
    in_both_schemes(hoa.page, "phone-near-vi")
    hoa.page.get_by_role("link", name="Đúng, mở Ao nhà văn hóa").click()
    expect(hoa.page.get_by_role("heading", name="Ao nhà văn hóa")).to_be_visible()
    expect(hoa.page.locator("a[href^='geo:21.06']")).to_be_visible()
    keep(hoa.page, "phone-place-record-vi-light")
    hoa.page.go_back()
    hoa.page.get_by_role("button", name="Không phải, ghi tiếp").click()
    expect(hoa.page.get_by_text("điểm gần đây")).to_have_count(0)
    hoa.context.set_geolocation(at(2_300))
    hoa.page.get_by_role("button", name="Lấy lại").click()
    hoa.page.get_by_role("button", name="Dùng vị trí này").click()
    expect(hoa.page.get_by_text("điểm gần đây")).to_have_count(0)


def in_both_schemes(page: Page, name: str) -> None:
    """Nothing for axe to find, and a picture to look at, in the light and in the dark."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert faults(page) == []
        keep(page, f"{name}-{scheme}")
    page.emulate_media(color_scheme="light")


def test_the_desk_map_draws_the_list_and_follows_its_filters(
    ward: Server, context: Callable[..., BrowserContext]
) -> None:
    minh = Officer(ward, context(DESK))
    minh.signs_in()
    asked: list[str] = []
    minh.page.on("request", lambda r: asked.append(r.url))
    minh.page.goto(f"{ward.url}/desk/map")
    waits_for_colour(minh.page, PURPLE)
    in_both_schemes(minh.page, "desk-map-1280-vi")
    assert all(url.startswith(ward.url) for url in asked), "no other origin"
    expect(minh.page.get_by_text("Chưa vẽ được bản đồ")).to_be_hidden()
    minh.page.get_by_label("Mức nguy cơ").select_option("low")
    minh.page.get_by_role("button", name="Lọc", exact=True).click()
    expect(minh.page).to_have_url(re.compile("risk=low"))
    assert [url for url in asked if "map.geojson" in url][-1].endswith("?risk=low")
    minh.page.goto(f"{ward.url}/desk/map?risk=high")  # one place, which is then the middle of the map
    waits_for_colour(minh.page, PURPLE)
    minh.page.locator("canvas.map-canvas").click()
    title = minh.page.locator(".map-chosen a").first.inner_text()
    in_both_schemes(minh.page, "desk-map-chosen-1280-vi")
    minh.page.locator(".map-chosen a").first.click()
    expect(minh.page.get_by_role("heading", name=title)).to_be_visible()
    waits_for_colour(minh.page, PURPLE)  # the record's own place on the same map
    in_both_schemes(minh.page, "desk-place-1280-vi")
    minh.page.set_viewport_size({"width": 320, "height": 800})
    minh.page.goto(f"{ward.url}/desk/map")
    waits_for_colour(minh.page, PURPLE)
    in_both_schemes(minh.page, "desk-map-320-vi")


def test_the_desk_map_is_a_list_without_script_and_when_the_drawing_fails(
    ward: Server, context: Callable[..., BrowserContext]
) -> None:
    plain = Officer(ward, context(DESK, java_script_enabled=False))
    plain.signs_in()
    plain.page.goto(f"{ward.url}/desk/map?state=all")
    expect(plain.page.locator("#list tbody tr").first).to_be_visible()
    expect(plain.page.get_by_text("Bản đồ cần JavaScript")).to_be_visible()
    expect(plain.page.locator("canvas")).to_be_hidden()
    broken = Officer(ward, context(DESK))
    broken.signs_in()
    broken.page.route("**/desk/map.geojson*", lambda route: route.abort())
    broken.page.goto(f"{ward.url}/desk/map")
    expect(broken.page.get_by_text("Chưa vẽ được bản đồ")).to_be_visible()
    expect(broken.page.locator("#list tbody tr").first).to_be_visible()


def test_a_warning_that_blocks_is_seen(ward: Server, context: Callable[..., BrowserContext]) -> None:
    """The planted fault: whoever is outside the ward is warned, and then has no way on."""
    phone = Phone(ward, context(PHONE, service_workers="block"))
    phone.context.add_init_script(NOTES)
    planted: list[str] = []

    def plant(route: Route) -> None:
        answer = route.fetch()
        text = answer.text()
        bug = re.sub(
            r'(\w+)\("phone\.place\.outside"',
            r'(document.querySelector(".dock")?.remove(),\1)("phone.place.outside"',
            text,
        )
        planted.extend([route.request.url] if bug != text else [])
        route.fulfill(response=answer, body=bug)

    phone.page.route("**/assets/*.js", plant)
    phone.signs_in("0912000003")
    begins(phone, "Ao bị chặn")
    phone.context.set_geolocation(ELSEWHERE)
    measures(phone)
    expect(phone.page.get_by_text("Vẫn lưu được")).to_be_visible()
    assert planted
    phone.page.set_default_timeout(2_000)
    with pytest.raises(TimeoutError):
        phone.goes_on()


def test_pictures_of_a_server_that_is_set_lie_under_the_desk_map(
    server: Server, context: Callable[..., BrowserContext]
) -> None:
    minh = Officer(server, context(DESK))
    minh.signs_in()
    asked: list[str] = []

    def with_tiles(route: Route) -> None:
        """The page as it is where an administrator has set a server (tests/places/test_map.py has its header)."""
        answer = route.fetch()
        policy = answer.headers["content-security-policy"].replace(
            "img-src 'self'", "img-src 'self' https://o.example.vn"
        )
        page = re.sub('data-tiles=""', 'data-tiles="https://o.example.vn/{z}/{x}/{y}.png"', answer.text())
        page = re.sub('data-file="[^"]*"', 'data-file=""', page)
        route.fulfill(response=answer, body=page, headers={**answer.headers, "content-security-policy": policy})

    def tile(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body=picture(PURPLE, 1, 2, 3), content_type="image/png")

    minh.page.route("**/desk/map", with_tiles)
    minh.page.route("https://o.example.vn/**", tile)
    with minh.page.expect_response("https://o.example.vn/**"):
        minh.page.goto(f"{server.url}/desk/map")
    minh.page.wait_for_load_state("networkidle")
    # A canvas with pictures of another origin cannot be read by script, so the screen is.
    seen = Image.open(io.BytesIO(minh.page.locator("canvas.map-canvas").screenshot())).convert("RGB")
    counts = seen.getcolors(1 << 24) or []
    assert max(counts)[1] == PURPLE
    assert asked and all(re.fullmatch(r"https://o\.example\.vn/\d+/\d+/\d+\.png", url) for url in asked)


def test_a_vector_map_is_drawn(ward: Server, hoa: Phone, tmp_path: Path) -> None:
    path = write_map(tmp_path / "lines.pmtiles", vector=True, zooms=[14, 15], box=BOX)
    ward.command("map", "load", str(path), "--ward", "00136")
    phone = hoa
    phone.page.evaluate("() => caches.delete('ward-map')")
    phone.reloads()
    phone.opens("#/me")
    phone.page.evaluate("() => new Promise((done) => setTimeout(done, 300))")
    begins(phone, "Ao trên bản đồ nét")
    measures(phone)
    phone.page.get_by_role("link", name="Xem và dời ghim").click()
    phone.page.get_by_role("button", name="Tải bản đồ phường").click()
    expect(phone.page.get_by_text("Bản đồ phường đã ở trên máy này")).to_be_visible()
    for _ in range(3):
        phone.page.get_by_role("button", name="Xa ra").click()
    waits_for_colour(phone.page, POND)
    keep(phone.page, "phone-map-vector-vi-light")
