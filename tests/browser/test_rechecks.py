"""A pond's story: Lan records it without signal, Minh says who mends it and by when, and Lan looks at it again."""

from datetime import date, timedelta

from playwright.sync_api import expect

from app.clock import today as today_here
from tests.browser.conftest import Officer, Phone
from tests.browser.test_pages import faults, keep
from tests.photos.camera import picture

POND = "Ao không rào sau chùa"


def shown(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def test_from_an_unfenced_pond_to_a_second_look(lan: Phone, minh: Officer) -> None:
    today = today_here()
    lan.loses_signal()
    records_the_pond(lan, today - timedelta(days=20))
    lan.finds_signal()
    expect(lan.page.locator(".path").get_by_text("Phường đã nhận")).to_be_visible()

    minh.opens(POND)
    minh.page.get_by_text("Ghi phần của phường").click()
    minh.page.get_by_label("Đơn vị xử lý").fill("Công ty Thoát nước Hà Nội")
    minh.page.get_by_label("Hạn xử lý").fill(shown(today + timedelta(days=10)))
    minh.page.locator("#ward").get_by_label("Làm rào, sửa rào").check()
    minh.page.get_by_role("button", name="Ghi lại").click()
    expect(minh.page.get_by_role("status")).to_contain_text("Các máy trong tổ sẽ thấy")
    assert faults(minh.page) == []

    lan.opens("#/due")
    expect(lan.page.locator("li", has_text=POND).get_by_text("quá hạn")).to_be_visible()
    lan.page.get_by_text(POND).first.click()
    lan.finds_signal()
    expect(lan.page.get_by_text("Công ty Thoát nước Hà Nội")).to_be_visible()
    lan.loses_signal()
    expect(lan.page.get_by_text(shown(today + timedelta(days=10)))).to_be_visible()
    assert faults(lan.page) == []
    keep(lan.page, "phone-site-vi-light")

    looks_again(lan)
    lan.opens("#/due")
    expect(lan.page.locator("li", has_text=POND)).to_have_count(0)
    lan.opens("#/records")
    lan.page.locator("li", has_text=POND).filter(has_text="Điểm nguy cơ").get_by_role("link").click()
    sides = lan.page.locator(".sides")
    expect(sides.locator("img")).to_have_count(2)
    assert faults(lan.page) == []
    keep(lan.page, "phone-before-after-vi-light")
    lan.finds_signal()
    lan.opens("#/records")
    look = lan.page.locator("li", has_text="Lần kiểm tra lại").first
    expect(look.get_by_text("Phường đã nhận")).to_be_visible()
    look.get_by_role("link").first.click()
    expect(lan.page.get_by_text("1/1 ảnh đã gửi").first).to_be_visible(timeout=30_000)

    minh.opens(POND)
    latest = minh.page.locator("#recheck")
    expect(latest).to_contain_text("Lần kiểm tra mới nhất")
    expect(latest).to_contain_text(f"{shown(today)}: Đã có biện pháp")
    expect(latest.locator("div", has_text="Rào chắn").first).to_contain_text("Chưa có Có, còn tốt")
    beside = minh.page.locator("#sides")
    expect(beside.locator("img")).to_have_count(2)
    expect(beside).to_contain_text(f"Lần mới nhất: {shown(today)}")
    beside.scroll_into_view_if_needed()
    minh.page.wait_for_function("[...document.querySelectorAll('#sides img')].every((one) => one.naturalWidth > 0)")
    assert faults(minh.page) == []
    keep(minh.page, "desk-looked-again-1280-vi-light")


def records_the_pond(lan: Phone, seen_on: date) -> None:
    lan.opens("#/new/hazard_site")
    page = lan.page
    page.get_by_label("Loại điểm nguy cơ").select_option("DN2")
    page.get_by_label("Tên gọi chỗ này").fill(POND)
    page.get_by_label("Địa chỉ").fill("Ngõ 12")
    page.locator("#f-seen_on").fill(shown(seen_on))
    lan.goes_on()
    page.locator("#f-fence-g").get_by_text("Chưa có").click()
    takes_a_photo(lan, "#a33")
    lan.goes_on()
    page.locator("#f-risk-g").get_by_text("Cao", exact=True).click()
    lan.goes_on()
    expect(page.get_by_text("Thường cần ở loại này")).to_be_visible()
    page.locator("#f-measures-g").get_by_text("Làm rào, sửa rào").click()
    lan.goes_on()
    page.get_by_text("Đã lưu trên máy này").wait_for()


def takes_a_photo(lan: Phone, colour: str) -> None:
    file = {"name": "ao.jpg", "mimeType": "image/jpeg", "buffer": picture(colour=colour)}
    lan.page.locator("#f-photos-g input[type=file]").last.set_input_files(file)  # type: ignore[arg-type]
    lan.page.get_by_text("Ảnh đã nằm trên máy này").wait_for()


def looks_again(lan: Phone) -> None:
    page = lan.page
    page.get_by_role("link", name="Kiểm tra lại điểm này").click()
    expect(page.get_by_text(POND)).to_be_visible()
    expect(page.locator("#f-risk-g").get_by_label("Cao")).to_be_checked()
    page.locator("#f-found-g").get_by_text("Đã có biện pháp").click()
    page.locator("#f-risk-g").get_by_text("Thấp").click()
    takes_a_photo(lan, "#3a3")
    lan.goes_on()
    expect(page.locator("#f-fence-g").get_by_label("Chưa có")).to_be_checked()
    page.locator("#f-fence-g").get_by_text("Có, còn tốt").click()
    lan.goes_on()
    page.get_by_text("Đã lưu trên máy này").wait_for()
