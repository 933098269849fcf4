"""The phone's weights and times, at a slowed processor and line, each beside its bar (docs: README).

    python -m benchmarks.shell        prints the table; median of five runs

What it cannot show: a real phone. Chromium slows only the renderer's main thread, and the service worker's
own fetches are not slowed.
"""

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright

from tests.browser.conftest import ARGS, FIFTH_KIND, PASSPHRASE, PHONE, Phone, Server, gives_her_code

RUNS = 5
SLOWER = 4
LINE = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 200_000}
BARS = {
    "first load, script and style (bytes)": 45_000,
    "first visit to a usable form (ms)": 3_000,
    "cold start offline to a usable home (ms)": 1_000,
    "open a form (ms)": 100,
    "save a record (ms)": 150,
}
# Resolves with the time, on the page's clock, at which a selector is first there and painted.
WHEN = """(selector) => new Promise((done) => {
  const look = () => document.querySelector(selector)
    ? requestAnimationFrame(() => done(performance.now())) : requestAnimationFrame(look);
  look();
})"""


def slowed(page: Page, line: bool = False) -> None:
    tools = page.context.new_cdp_session(page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    if line:
        tools.send("Network.enable")
        tools.send("Network.emulateNetworkConditions", LINE)


def signed_in(server: Server, browser: Browser, **more: object) -> BrowserContext:
    """A phone with a sign-in, but with nothing of the app on it yet."""
    context = browser.new_context(**{**PHONE, "locale": "vi-VN", **more})  # type: ignore[arg-type]
    proof = {"phone": "0912000007", "passphrase": PASSPHRASE, "device": "bench", "label": "bench"}
    context.request.post(f"{server.url}/api/v1/sign-in", data=proof, headers={"Sec-Fetch-Site": "same-origin"})
    return context


def weight(server: Server, browser: Browser) -> float:
    """Bytes of script and style on the wire before the first screen is complete."""
    page = browser.new_context(**PHONE).new_page()  # type: ignore[arg-type]
    sizes: list[int] = []

    def count(response: Response) -> None:
        is_shell = response.url.endswith((".js", ".css")) and not response.url.endswith("sw.js")
        if is_shell and not response.from_service_worker:
            sizes.append(int(response.headers.get("content-length", 0)))

    page.on("response", count)
    page.goto(f"{server.url}/app/", wait_until="load")
    page.context.close()
    return sum(sizes)


def first_visit(server: Server, browser: Browser) -> float:
    """From an empty phone: the shell over the line, sign-in typed by script, until the form can be filled."""
    context = browser.new_context(**PHONE, locale="vi-VN")  # type: ignore[arg-type]
    page = context.new_page()
    slowed(page, line=True)
    page.goto(f"{server.url}/app/", wait_until="commit")
    shell = page.evaluate(WHEN, "#code")
    page.get_by_text("Dùng số điện thoại").click()
    page.locator("input.in").nth(0).fill("0912000007")
    page.locator("input.in").nth(1).fill(PASSPHRASE)
    begun = page.evaluate("() => performance.now()")
    page.get_by_role("button", name="Vào", exact=True).click()
    gives_her_code(page)
    page.evaluate(WHEN, "a[href='#/new/hazard_site']")
    page.evaluate("() => { location.hash = '#/new/hazard_site' }")
    form = page.evaluate(WHEN, "#f-type") - begun
    context.close()
    return float(shell + form)


def used_phone(server: Server, browser: Browser) -> Phone:
    context = browser.new_context(**PHONE, locale="vi-VN")  # type: ignore[arg-type]
    phone = Phone(server, context)
    phone.signs_in("0912000007")
    phone.is_ready()
    return phone


def cold_start(server: Server, browser: Browser) -> float:
    """A new page, without signal, after a single visit, until it asks for the code."""
    phone = used_phone(server, browser)
    phone.page.close()
    phone.loses_signal()
    page = phone.context.new_page()
    slowed(page)
    page.goto(f"{server.url}/app/", wait_until="commit")
    time = page.evaluate(WHEN, "#lock")
    phone.context.close()
    return float(time)


def form_and_save(server: Server, browser: Browser) -> tuple[float, float]:
    """Tap to a form that can be filled; tap on save to "saved on this phone"."""
    phone = used_phone(server, browser)
    page = phone.page
    phone.loses_signal()
    slowed(page)
    opened = page.evaluate(
        "async () => { const from = performance.now();"
        " document.querySelector(\"a[href='#/new/hazard_site']\").click();"
        f" return await ({WHEN})('#f-type') - from }}"
    )
    page.get_by_label("Loại điểm nguy cơ").select_option("DN2")
    page.get_by_label("Tên gọi chỗ này").fill("Ao đo thời gian")
    page.get_by_label("Địa chỉ").fill("Ngõ 12")
    for _ in range(3):
        phone.goes_on()
        page.wait_for_timeout(300)
    saved = page.evaluate(
        "async () => { const from = performance.now(); document.querySelector('.dock .main').click();"
        f" return await ({WHEN})('.saved') - from }}"
    )
    phone.context.close()
    return float(opened), float(saved)


def median(measure: Callable[[], float]) -> tuple[float, float, float]:
    values = sorted(measure() for _ in range(RUNS))
    return values[0], statistics.median(values), values[-1]


def measure(server: Server, browser: Browser) -> dict[str, tuple[float, float, float]]:
    pairs = [form_and_save(server, browser) for _ in range(RUNS)]
    opened, saved = sorted(p[0] for p in pairs), sorted(p[1] for p in pairs)
    return {
        "first load, script and style (bytes)": median(lambda: weight(server, browser)),
        "first visit to a usable form (ms)": median(lambda: first_visit(server, browser)),
        "cold start offline to a usable home (ms)": median(lambda: cold_start(server, browser)),
        "open a form (ms)": (opened[0], statistics.median(opened), opened[-1]),
        "save a record (ms)": (saved[0], statistics.median(saved), saved[-1]),
    }


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        (Path(folder) / "kinds").mkdir()
        (Path(folder) / "kinds" / "first_aid_box.py").write_text(FIFTH_KIND, encoding="utf-8")
        server = Server(Path(folder))
        server.command("setup")
        server.command("demo")
        server.start()
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        print(f"processor {SLOWER}x slower; first visit at 1.6 Mbit/s and 150 ms; {RUNS} runs")
        print(f"{'measure':44}{'least':>10}{'median':>10}{'most':>10}{'bar':>10}")
        for name, (least, middle, most) in measure(server, browser).items():
            print(f"{name:44}{least:>10.0f}{middle:>10.0f}{most:>10.0f}{BARS[name]:>10}")
        browser.close()
        server.stop()


if __name__ == "__main__":
    main()
