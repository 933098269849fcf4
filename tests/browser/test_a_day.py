"""Lan's day in a real browser: offline from a cold start, up in one trip, back with a verdict."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import DESK, PHONE, ROOT, Officer, Phone, Server, gives_her_code, opens_if_locked, turning
from tests.browser.test_pages import keep


def test_one_visit_is_enough_to_work_offline(lan: Phone) -> None:
    lan.loses_signal()
    lan.reloads()
    expect(lan.page.get_by_text("Thăm trẻ").first).to_be_visible()
    lan.opens("#/new/violation_report")
    expect(lan.page.get_by_role("link", name="113").first).to_have_attribute("href", "tel:113")
    assert lan.page.locator(".danger").bounding_box()["y"] < lan.page.locator("fieldset").first.bounding_box()["y"]  # type: ignore[index]


def test_a_record_made_offline_goes_up_by_itself_in_one_trip(lan: Phone) -> None:
    lan.loses_signal()
    lan.records_a_pond("Ao đình làng")
    lan.opens("#/records")
    expect(lan.page.get_by_text("Trên máy này, chờ gửi").first).to_be_visible()
    lan.trips.clear()
    lan.finds_signal()
    pond = lan.page.locator("li").filter(has_text="Ao đình làng")
    expect(pond.get_by_text("Phường đã nhận")).to_be_visible()
    assert [changes for changes in lan.trips if changes] == [1]
    lan.page.get_by_text("Ao đình làng").first.click()
    expect(lan.page.get_by_text("biên nhận")).to_be_visible()


def test_a_verdict_comes_back_and_is_answered(lan: Phone, minh: Officer) -> None:
    lan.records_a_pond("Hồ sau chợ")
    lan.opens("#/records")
    expect(lan.page.locator("li", has_text="Hồ sau chợ").get_by_text("Phường đã nhận")).to_be_visible()

    minh.opens("Hồ sau chợ")
    with turning(minh.page):
        minh.page.get_by_role("link", name="Trả lại").click()
    for summary in minh.page.locator("summary").all():
        summary.click()
    minh.page.locator("input[name=pin-fence]").check()
    minh.page.locator("input[name=reason-fence]").fill("Rào còn hay đã đổ?")
    with turning(minh.page):
        minh.page.locator(".verdict .main").click()

    lan.finds_signal()
    lan.opens("#/")
    expect(lan.page.get_by_role("link", name="Phường nhờ sửa").get_by_text("Hồ sau chợ")).to_be_visible()
    lan.loses_signal()
    lan.page.get_by_text("Phường nhờ sửa").click()
    lan.page.get_by_text("Hồ sau chợ").first.click()
    expect(lan.page.get_by_text("Rào còn hay đã đổ?").first).to_be_visible()
    expect(lan.page.get_by_text("Các ô khác đã được")).to_be_visible()
    assert lan.page.get_by_label("Tên gọi chỗ này").count() == 0
    lan.page.get_by_text("Có nhưng hỏng").click()
    lan.page.get_by_role("button", name="Gửi lại phường").click()
    lan.finds_signal()
    expect(lan.page.get_by_text("Phường đã nhận").first).to_be_visible()

    minh.opens("Hồ sau chợ")
    expect(minh.page.get_by_text("Đã sửa, chờ xem lại").first).to_be_visible()
    expect(minh.page.get_by_text("Có nhưng hỏng").first).to_be_visible()
    minh.presses("Chấp nhận")
    lan.reloads()
    lan.opens("#/records")
    expect(lan.page.locator("li", has_text="Hồ sau chợ").get_by_text("Đã chấp nhận")).to_be_visible()


def test_a_killed_tab_keeps_the_draft(lan: Phone) -> None:
    lan.loses_signal()
    lan.opens("#/new/hazard_site")
    lan.page.get_by_label("Loại điểm nguy cơ").select_option("DN3")
    lan.page.get_by_label("Tên gọi chỗ này").fill("Cống hở đầu ngõ")
    expect(lan.page.get_by_text("Nháp đã lưu lúc")).to_be_visible()
    lan.page.close()
    lan.page = lan.context.new_page()
    lan.opens()
    lan.page.get_by_text("Cống hở đầu ngõ").first.click()
    expect(lan.page.get_by_label("Tên gọi chỗ này")).to_have_value("Cống hở đầu ngõ")


def test_search_needs_no_marks(lan: Phone) -> None:
    lan.loses_signal()
    lan.records_a_pond("Ao nhà bác Đức")
    lan.opens("#/records")
    lan.page.locator("input[type=search]").fill("duc")
    expect(lan.page.locator("li", has_text="Ao nhà bác Đức")).to_be_visible()
    lan.page.locator("input[type=search]").fill("khong co")
    expect(lan.page.locator("li", has_text="Ao nhà bác Đức")).to_have_count(0)


def test_a_fifth_kind_from_one_file_works_on_phone_and_desk(lan: Phone, minh: Officer) -> None:
    lan.loses_signal()
    lan.reloads()
    lan.page.get_by_text("Tủ thuốc").first.click()
    lan.page.get_by_label("Để ở đâu").fill("Trạm y tế cũ")
    lan.goes_on()
    expect(lan.page.get_by_text("Đã lưu trên máy này")).to_be_visible()
    lan.finds_signal()
    lan.opens("#/records")
    expect(lan.page.locator("li", has_text="Trạm y tế cũ").get_by_text("Phường đã nhận")).to_be_visible()
    minh.opens("Trạm y tế cũ")
    expect(minh.page.get_by_text("Để ở đâu")).to_be_visible()


def test_a_new_version_waits_until_the_form_is_done(lan: Phone, server: Server) -> None:
    lan.opens("#/new/hazard_site")
    lan.page.get_by_label("Tên gọi chỗ này").fill("Ao lúc cập nhật")
    worker = ROOT / "static" / "dist" / "sw.js"
    old = worker.read_text(encoding="utf-8")
    try:
        worker.write_text(old + "\n// a newer build\n", encoding="utf-8")
        lan.page.evaluate("async () => { await (await navigator.serviceWorker.getRegistration('/app/')).update() }")
        expect(lan.page.get_by_text("Có bản mới")).to_be_visible()
        assert lan.page.get_by_role("button", name="Cập nhật").count() == 0, "never while a form is open"
        expect(lan.page.get_by_label("Tên gọi chỗ này")).to_have_value("Ao lúc cập nhật")
        expect(lan.page.get_by_text("Nháp đã lưu lúc")).to_be_visible()
        lan.opens("#/")
        with lan.page.expect_navigation():
            lan.page.get_by_role("button", name="Cập nhật").click()
        opens_if_locked(lan.page)
        expect(lan.page.get_by_text("Ao lúc cập nhật")).to_be_visible()
    finally:
        worker.write_text(old, encoding="utf-8")


def test_a_one_time_code_opens_the_phone_once(server: Server, context: Callable[..., BrowserContext]) -> None:
    admin = Officer(server, context(DESK))
    admin.signs_in("0912000000")
    admin.page.goto(f"{server.url}/desk/people")
    with turning(admin.page):
        admin.page.get_by_role("link", name="Đỗ Thị Hoa").click()
    admin.presses("Cấp mã")
    expect(admin.page.locator("main svg[viewBox], main svg[width]").first).to_be_visible()
    keep(admin.page, "desk-code-1280-vi-light")
    code = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", admin.page.inner_text("main"))
    assert code
    phone = Phone(server, context(PHONE))
    phone.opens(f"#/sign-in?code={code[0]}")
    expect(phone.page.locator("#code")).to_have_value(code[0])
    assert "code=" not in phone.page.url, "a code must not stay in the history"
    phone.page.get_by_role("button", name="Vào", exact=True).click()
    gives_her_code(phone.page)
    expect(phone.page.get_by_text("Đỗ Thị Hoa")).to_be_visible()
    again = Phone(server, context(PHONE))
    again.opens(f"#/sign-in?code={code[0]}")
    again.page.get_by_role("button", name="Vào", exact=True).click()
    expect(again.page.get_by_text("đã dùng")).to_be_visible()
