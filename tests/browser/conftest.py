"""The real server in a process of its own, and real Chromium: for what only a browser shows."""

import gzip
import json
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, Request, expect, sync_playwright

from app import config

if TYPE_CHECKING:
    from tests.browser.releases import Releases

ROOT = Path(__file__).parents[2]
SCREENS = ROOT / "tests" / "screens"
PASSPHRASE = "nang am hien nha 7"
CODE = "482715"
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
DESK = {"viewport": {"width": 1280, "height": 800}}
HERE = {"latitude": 21.0437, "longitude": 105.9259, "accuracy": 9}
# Milliseconds that anything may take: what is tested is that it comes, on a machine that has much else to do as well.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)


@contextmanager
def is_seen(within: int = 4_000) -> Iterator[None]:
    """What is done inside fails, as it must under a planted bug. What is not there within so many milliseconds is not
    there; the good builds are given longer."""
    expect.set_options(timeout=within)
    try:
        with pytest.raises((AssertionError, Error)):
            yield
    finally:
        expect.set_options(timeout=PATIENCE)


class Server:
    """gunicorn over a database of its own."""

    app = "wsgi:app"

    def __init__(self, folder: Path) -> None:
        # Listened to from now on: nobody takes the port, and whoever asks before gunicorn is up waits for its answer.
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        self.env = {
            **os.environ,
            "TO_AM_DATABASE_URL": f"sqlite:///{folder / 'browser.db'}",
            "TO_AM_SECRET_KEY": "only-for-the-browser-tests-0123456789",
            "TO_AM_PUBLIC_ORIGIN": self.url,
            "TO_AM_ARGON2_COST": "1",
            "TO_AM_STEP_UP_MINUTES": "0",
            "TO_AM_SECOND_FACTOR_DAYS": "-1",
            "TO_AM_EXTRA_KINDS": str(folder / "kinds"),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *words: str) -> str:
        """Run a command of the project against this server's database."""
        run = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
        return subprocess.run(run, cwd=ROOT, env=self.env, check=True, capture_output=True, text=True).stdout

    def start(self) -> None:
        """Start it; it answers when this returns."""
        bind = f"fd://{self.socket.fileno()}"
        run = [sys.executable, "-m", "gunicorn", "-c", "serving.py", "--log-level", "error", "-b", bind, self.app]
        self.process = subprocess.Popen(run, cwd=ROOT, env=self.env, pass_fds=[self.socket.fileno()])
        urllib.request.urlopen(f"{self.url}/healthz", timeout=60).close()

    def stop(self) -> None:
        """End it."""
        if self.process:
            self.process.terminate()
            self.process.wait(20)
            self.process = None
        self.socket.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    assert config.ROOT == ROOT
    folder = tmp_path_factory.mktemp("browser")
    (folder / "kinds").mkdir()
    (folder / "kinds" / "first_aid_box.py").write_text(FIFTH_KIND, encoding="utf-8")
    made = Server(folder)
    made.command("setup")
    made.command("demo")
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def play() -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chromium(play: Playwright) -> Iterator[Browser]:
    browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Releases]":
    """A server on which builds are released one after the other."""
    from tests.browser.releases import Releases

    made = Releases(tmp_path_factory.mktemp("releases"))
    made.command("setup")
    made.command("demo")
    made.deploy()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def context(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes a phone or a PC: context(PHONE), context(DESK, color_scheme="dark")."""
    made: list[BrowserContext] = []

    def make(kind: dict[str, object], **more: object) -> BrowserContext:
        place = {"geolocation": HERE, "permissions": ["geolocation"], "timezone_id": "Asia/Ho_Chi_Minh"}
        new = chromium.new_context(**{"locale": "vi-VN", **place, **kind, **more})  # type: ignore[arg-type]
        new.set_default_timeout(PATIENCE)
        made.append(new)
        return new

    yield make
    for one in made:
        one.close()


def turning(page: Page, **where: Any) -> AbstractContextManager[Any]:
    """`with turning(page): click` goes on when the next page is there, whole; no other one may be on its way."""
    return page.expect_navigation(**where)


def carried(request: Request) -> int:
    """How many changes a request carries."""
    body = request.post_data_buffer or b"{}"
    return len(json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).get("changes", ()))


# A change of the address has been heard, and what it leads to has been drawn.
DRAWN = "() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn())))"


def gives_her_code(page: Page, code: str = CODE) -> None:
    """As she does when the app asks: chosen the first time, typed from then on."""
    lock = page.locator("[data-lock]")
    if lock.get_attribute("data-lock") == "new":
        page.locator("#new-code").fill(code)
        page.locator("#new-code-again").fill(code)
        page.get_by_role("button", name="Đặt mã", exact=True).click()
    else:
        page.locator("#lock").fill(code)
    lock.wait_for(state="detached")


def opens_if_locked(page: Page) -> None:
    """A page that was loaded anew asks for her code before anything else, if anybody is signed in here."""
    page.locator(".phone, .month").first.wait_for()
    if page.locator("[data-lock]").count():
        gives_her_code(page)


class Phone:
    """Somebody's phone, driven as she would."""

    def __init__(self, server: Server, context: BrowserContext) -> None:
        self.server, self.context = server, context
        self.page: Page = context.new_page()
        self.trips: list[int] = []  # how many changes each request to the ward carried
        self.page.on("request", lambda r: self.trips.append(carried(r)) if r.url.endswith("/api/v1/sync") else None)

    def opens(self, place: str = "") -> None:
        """Go to a place of the app; the screen is drawn when this returns, unless it has to be read from the store."""
        self.page.goto(f"{self.server.url}/app/{place}")
        opens_if_locked(self.page)
        self.page.evaluate(DRAWN)

    def reloads(self) -> None:
        """Load the page anew, and open it with the code."""
        self.page.reload()
        opens_if_locked(self.page)

    def signs_in(self, number: str) -> None:
        self.opens()
        self.page.get_by_text("Dùng số điện thoại").click()
        self.page.locator("input.in").nth(0).fill(number)
        self.page.locator("input.in").nth(1).fill(PASSPHRASE)
        self.page.get_by_role("button", name="Vào", exact=True).click()
        gives_her_code(self.page)
        # The last that a sign-in does is to go home: nothing turns the page any more.
        self.page.wait_for_url("**/app/#/")
        self.page.get_by_role("link", name="Điểm nguy cơ").first.wait_for()

    def is_ready(self) -> None:
        self.page.get_by_text("đã sẵn sàng dùng khi không có mạng").wait_for()

    def loses_signal(self) -> None:
        self.context.set_offline(True)

    def finds_signal(self) -> None:
        self.context.set_offline(False)
        self.page.evaluate("() => dispatchEvent(new Event('online'))")

    def goes_on(self) -> None:
        self.page.locator(".dock .main").click()

    def records_a_pond(self, name: str) -> None:
        self.opens("#/new/hazard_site")
        self.page.get_by_label("Loại điểm nguy cơ").select_option("DN2")
        self.page.get_by_label("Tên gọi chỗ này").fill(name)
        self.page.get_by_label("Địa chỉ").fill("Ngõ 12")
        for _ in range(4):
            self.goes_on()
        self.page.get_by_text("Đã lưu trên máy này").wait_for()


@pytest.fixture
def lan(server: Server, context: Callable[..., BrowserContext]) -> Phone:
    phone = Phone(server, context(PHONE))
    phone.signs_in("0912000007")
    phone.is_ready()
    return phone


class Officer:
    """Minh at the desk."""

    def __init__(self, server: Server, context: BrowserContext) -> None:
        self.server, self.page = server, context.new_page()

    def signs_in(self, number: str = "0912000001") -> None:
        self.page.goto(f"{self.server.url}/desk/sign-in")
        self.page.locator("input.in").nth(0).fill(number)
        self.page.locator("input.in").nth(1).fill(PASSPHRASE)
        with turning(self.page, url=lambda url: not url.endswith("/sign-in")):
            self.page.locator("main button").first.click()

    def opens(self, title: str) -> None:
        """Open a record from the queue."""
        self.page.goto(f"{self.server.url}/desk/")
        with turning(self.page, url="**/desk/records/*"):
            self.page.get_by_role("link", name=title).first.click()

    def presses(self, name: str) -> None:
        """Press a button that leads to another page."""
        with turning(self.page):
            self.page.get_by_role("button", name=name).click()


@pytest.fixture
def minh(server: Server, context: Callable[..., BrowserContext]) -> Officer:
    officer = Officer(server, context(DESK))
    officer.signs_in()
    return officer


FIFTH_KIND = '''
"""A kind that the project has never heard of: one file, nothing else touched."""

from marshmallow import Schema

from app.kinds.vocabulary import Day, Kind, Text, Words, section


class FirstAidBox(Schema):
    keeper = Text(("Để ở đâu", "Where it is kept"), required=True, quick=True)
    checked_on = Day(("Ngày xem", "Checked on"), required=True, quick=True)


KIND = Kind(
    code="first_aid_box",
    form=1,
    label=Words("Tủ thuốc sơ cứu", "First aid box"),
    menu=Words("Tủ thuốc", "First aid box"),
    examples=Words("Nhà văn hóa, trường học", "Culture house, school"),
    icon="cross",
    schema=FirstAidBox,
    sections=(section("what", ("Tủ thuốc", "The box"), "keeper", "checked_on"),),
    title=("keeper",),
    public=("keeper",),
    happened="checked_on",
    order=90,
)
'''
