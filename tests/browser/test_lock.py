"""T1 and T2, a phone that was found, lent or searched: her code before anything is seen, and nothing lost for it.

scenario              what must hold
wrong codes           each is counted before it is judged; waits grow and outlive the app; the right code opens, offline
locks by itself       after minutes without a touch, with a form open: its words are a draft; what waits goes up
                      meanwhile, without the code, and the opening finds it received
a forgotten code      a new sign-in, a new code: the drafts are gone and nothing else is; what waits goes up
before there was one  a store of the version before, with a draft and unsent work: a code is asked for, then all is
                      there and nothing of it lies in the clear
finger or face        turned on after the code: opens without signal, only for whom the phone knows; the code goes on
                      opening; turned off, nothing of it is left
"""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.authenticator import Authenticator
from tests.browser.builds import CLIENT, Plant
from tests.browser.conftest import CODE, PASSPHRASE, PHONE, gives_her_code, is_seen, opens_if_locked
from tests.browser.releases import Holder, Releases
from tests.browser.test_pages import shows

LAN = "0912000007"
# The person's store as a version without a lock left it: no lock, a draft and the records in the clear.
UNLOCK = """async () => {
  const done = (request) => new Promise((tell, fail) => {
    request.onsuccess = () => tell(request.result);
    request.onerror = () => fail(request.error);
  });
  const name = (await indexedDB.databases()).map((one) => one.name).find((one) => one.startsWith("to-am-"));
  const db = await done(indexedDB.open(name));
  const tx = db.transaction(["facts", "drafts", "records"], "readwrite");
  tx.objectStore("facts").delete("lock");
  tx.objectStore("drafts").put({ id: "11111111-1111-4111-8111-111111111111", kind: "first_aid_box", record: null,
    values: { keeper: "Tủ nháp cũ" }, base: {}, section: 0, savedAt: "2026-06-03T02:00:00.000Z" });
  for (const { id, version } of await done(tx.objectStore("records").getAll()))
    tx.objectStore("records").put({ id, version, kind: "first_aid_box", status: "received", unit: "1", author: "x",
      parent: null, data: { keeper: "Tủ cũ của phường" }, conflicts: [], problems: [], review: null,
      received: "2026-06-01T00:00:00Z" });
  await new Promise((end) => { tx.oncomplete = end; });
  db.close();
}"""


def types(phone: Holder, code: str) -> None:
    phone.page.locator("#lock").fill(code)


def wrong_codes(phone: Holder) -> None:
    phone.signs_in(LAN)
    phone.is_ready()
    phone.loses_signal()
    phone.page.reload()
    phone.page.locator("[data-lock=shut]").wait_for()
    expect(phone.page.get_by_text("Nguyễn Thị Lan · tổ 7")).to_be_visible()
    expect(phone.page.get_by_role("link", name="113")).to_be_visible()
    shows(phone.page, "locked")
    for code in ("111222", "333444"):
        types(phone, code)
        expect(phone.page.get_by_text("Mã chưa đúng.")).to_be_visible()
        expect(phone.page.locator("#lock")).to_have_value("")
    types(phone, "555666")
    # Killed in the middle of the third try: it counts.
    phone.page.wait_for_timeout(100)
    phone.page.reload()
    expect(phone.page.get_by_text("Thử lại sau")).to_be_visible()
    expect(phone.page.locator("#lock")).to_be_disabled()
    expect(phone.page.get_by_text("Thử lại sau")).to_have_count(0)
    for digit in CODE:
        phone.page.get_by_role("button", name=digit, exact=True).click()
    expect(phone.page.get_by_role("link", name="Điểm nguy cơ").first).to_be_visible()
    assert phone.looks()["facts"]["tries"]["count"] == 0


def locks_by_itself(phone: Holder) -> None:
    phone.page.clock.install()
    phone.signs_in(LAN)
    phone.is_ready()
    phone.loses_signal()
    phone.records("Tủ ghi trước khi khóa")
    phone.fills("Tủ ghi dở khi khóa")
    phone.page.clock.run_for(6 * 60_000)
    phone.page.locator("[data-lock=shut]").wait_for()
    assert "Tủ ghi" not in phone.page.content()
    expect(phone.page.get_by_text("1 mục chờ gửi")).to_be_visible()
    phone.finds_signal()
    expect(phone.page.get_by_text("1 mục chờ gửi")).to_have_count(0)
    phone.loses_signal()
    assert phone.unsent() == []
    gives_her_code(phone.page)
    expect(phone.page.get_by_label("Để ở đâu")).to_have_value("Tủ ghi dở khi khóa")
    phone.sees_received("Tủ ghi trước khi khóa")


def a_forgotten_code(phone: Holder) -> None:
    phone.signs_in(LAN)
    phone.is_ready()
    phone.context.route("**/api/v1/sync", lambda route: route.abort())
    phone.records("Tủ ghi trước khi quên mã")
    phone.fills("Tủ ghi dở rồi quên mã")
    phone.page.get_by_text("Nháp đã lưu lúc").wait_for()
    phone.opens("#/")
    phone.page.reload()
    phone.page.get_by_text("Quên mã").click()
    phone.page.get_by_role("button", name="Đăng nhập lại").click()
    phone.page.get_by_text("Dùng số điện thoại").click()
    phone.page.locator("input.in").nth(0).fill(LAN)
    phone.page.locator("input.in").nth(1).fill(PASSPHRASE)
    phone.page.get_by_role("button", name="Vào", exact=True).click()
    phone.page.locator("[data-lock=new]").wait_for()
    shows(phone.page, "lock-new")
    phone.page.locator("#new-code").fill("123456")
    phone.page.locator("#new-code-again").fill("123456")
    phone.page.get_by_role("button", name="Đặt mã", exact=True).click()
    expect(phone.page.get_by_text("Mã này ai cũng thử đầu tiên")).to_be_visible()
    gives_her_code(phone.page, "907142")
    assert phone.drafts() == []
    assert phone.unsent() == ["Tủ ghi trước khi quên mã"]
    phone.context.unroute("**/api/v1/sync")
    phone.finds_signal()
    phone.sees_received("Tủ ghi trước khi quên mã")


def before_there_was_one(phone: Holder) -> None:
    phone.signs_in(LAN)
    phone.is_ready()
    phone.loses_signal()
    phone.records("Tủ ghi trước khi có mã")
    phone.page.evaluate(UNLOCK)
    phone.page.reload()
    phone.page.locator("[data-lock=new]").wait_for()
    opens_if_locked(phone.page)
    assert phone.drafts() == ["Tủ nháp cũ"]
    assert phone.unsent() == ["Tủ ghi trước khi có mã"]
    found = phone.looks()
    assert found["records"]
    lies = json.dumps([found["drafts"], found["records"]], ensure_ascii=False)
    assert "Tủ" not in lies and all(row["box"] for row in (*found["drafts"], *found["records"]))


def finger_or_face(phone: Holder) -> None:
    device = Authenticator(phone.page, prf=True)
    words = "Mở bằng vân tay, khuôn mặt"
    phone.signs_in(LAN)
    phone.is_ready()
    phone.opens("#/me")
    phone.page.get_by_text(words).click()
    phone.page.locator("#touch-code").fill("111222")
    phone.page.get_by_role("button", name="Bật", exact=True).click()
    expect(phone.page.get_by_text("Mã đang dùng chưa đúng")).to_be_visible()
    shows(phone.page, "touch")
    phone.page.locator("#touch-code").fill(CODE)
    phone.page.get_by_role("button", name="Bật", exact=True).click()
    expect(phone.page.get_by_text("Đang bật.")).to_be_visible()
    phone.loses_signal()
    phone.fills("Tủ ghi dở trước khi khóa")
    phone.page.get_by_text("Nháp đã lưu lúc").wait_for()
    phone.page.reload()
    phone.page.get_by_role("button", name=words).click()
    expect(phone.page.get_by_label("Để ở đâu")).to_have_value("Tủ ghi dở trước khi khóa")
    phone.page.reload()
    device.knows_its_owner(False)
    phone.page.get_by_role("button", name=words).click()
    expect(phone.page.get_by_text("Máy chưa nhận ra")).to_be_visible()
    shows(phone.page, "locked-touch")
    gives_her_code(phone.page)
    phone.opens("#/me")
    phone.page.get_by_text(words).click()
    phone.page.get_by_role("button", name="Tắt: chỉ mở bằng mã").click()
    phone.page.locator("#touch-code").wait_for()
    assert "prf" not in phone.looks()["facts"]["lock"]
    phone.page.reload()
    phone.page.locator("[data-lock=shut]").wait_for()
    gives_her_code(phone.page)
    expect(phone.page.get_by_role("button", name=words)).to_have_count(0)


Scenario = Callable[[Holder], None]
SCENARIOS: tuple[Scenario, ...] = (wrong_codes, locks_by_itself, a_forgotten_code, before_there_was_one, finger_or_face)
BUGS: dict[str, tuple[Scenario, Plant]] = {
    "a try counts only when it failed": (
        wrong_codes,
        Plant(
            f"{CLIENT}/lock/opening.ts",
            "await putFacts(tx, { tries: { count: tries.count + 1, at: now } });",
            "if (now < 0) await putFacts(tx, { tries: { count: tries.count + 1, at: now } });",
        ),
    ),
    "it never locks": (
        locks_by_itself,
        Plant(f"{CLIENT}/lock/watch.ts", "if (rest <= 0) void shut();", "if (rest <= 0) void shut;"),
    ),
    "turned off, it lies there still": (
        finger_or_face,
        Plant(f"{CLIENT}/lock/touching.ts", "({ prf: _, ...rest }) => rest", "(here) => here"),
    ),
    "a locked phone sends nothing": (
        locks_by_itself,
        Plant(
            f"{CLIENT}/state.ts",
            "  const person = holder();\n  if (!person) return;\n  // Words",
            "  const person = session.value;\n  if (!person) return;\n  // Words",
        ),
    ),
}


@pytest.fixture
def phone(releases: Releases, context: Callable[..., BrowserContext]) -> Callable[..., Holder]:
    """Makes Lan's phone under the build with these plants."""

    def make(*plants: Plant) -> Holder:
        releases.deploy(*plants)
        return Holder(releases, context(PHONE))

    return make


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_a_locked_phone(scenario: Scenario, phone: Callable[..., Holder]) -> None:
    scenario(phone())


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_seen(bug: str, phone: Callable[..., Holder]) -> None:
    scenario, plant = BUGS[bug]
    planted = phone(plant)
    planted.context.set_default_timeout(4_000)
    with is_seen():
        scenario(planted)
