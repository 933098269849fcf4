"""The log at the desk: who did and read what, for whom it is meant, with nothing in it that only a record may say."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.audit import queries, shown
from app.config import ROOT
from app.db import db, transact
from app.i18n import catalog
from app.records import ledger
from app.records import service as records
from app.records.audit import Audit
from app.records.models import Link
from tests.cast import CITY, PHUC_LOI, VIET_HUNG, Cast
from tests.conftest import Clock
from tests.desk.records import DUC, POND
from tests.exports.desk import sheet, stay, table, take
from tests.phone import Phone

SECRET = "Nguyễn Minh Đức"


def lines(client: FlaskClient, **asked: Any) -> list[tuple[str, str]]:
    """(what, who) of each row, the latest first."""
    page = client.get("/desk/log", query_string=asked)
    assert page.status_code == 200
    found = re.findall(
        r'<td class="words">.*?<(?:a[^>]*|strong)>([^<]+)</(?:a|strong)>.*?<td class="wraps">.*?</span>([^<]*)</td>',
        page.text,
        re.S,
    )
    return [(what, who.strip()) for what, who in found]


@pytest.fixture
def a_day(app: Flask, cast: Cast, clock: Clock) -> str:
    """Lan sends a pond and a child, Minh accepts the pond an hour later and exports; the pond's id."""
    lan = Phone(app, cast.lan)
    pond = lan.record("hazard_site", **POND)
    lan.record("child", **DUC)
    lan.sync()
    clock.move(hours=1)
    with app.app_context(), transact():
        records.write_verdict(cast.actor("Minh"), pond, 1, "accept")
    clock.move(days=1)
    stay(app, clock)
    assert take(cast.client("Minh"), kind="child", state="all", reason="Danh sách quà 1/6").status_code == 200
    tuan = Phone(app, cast.tuan)
    tuan.record("hazard_site", **POND)
    tuan.sync()
    return pond


def test_who_did_and_read_what(app: Flask, cast: Cast, a_day: str) -> None:
    ha = cast.client("Ha")
    seen = lines(ha)
    assert [what for what, _ in seen] == ["Xuất ra tệp", "Kết luận", "Gửi từ máy", "Gửi từ máy"]
    assert [who for _, who in seen] == [cast.minh.name, cast.minh.name, cast.lan.name, cast.lan.name]
    page = ha.get("/desk/log").text
    assert "chấp nhận · bản 2" in page and "Trẻ · CSV · 1 dòng" in page
    assert page.count(f'href="/desk/records/{a_day}"') == 2
    assert SECRET not in page and "Ao sau" not in page and "Danh sách quà" not in page


def test_filters(app: Flask, cast: Cast, a_day: str) -> None:
    ha = cast.client("Ha")
    assert [what for what, _ in lines(ha, what="verdict")] == ["Kết luận"]
    assert {who for _, who in lines(ha, person=cast.lan.id)} == {cast.lan.name}
    assert len(lines(ha, record=a_day)) == 2
    assert [what for what, _ in lines(ha, **{"from": "2026-06-04"})] == ["Xuất ra tệp"]
    assert len(lines(ha, to="2026-06-03")) == 3
    assert lines(ha, **{"from": "2026-06-05"}) == []
    for odd in ({"what": "x"}, {"person": "%"}, {"record": "a b"}, {"from": "2026-99-99"}, {"before": "²"}):
        assert len(lines(ha, **odd)) == (0 if odd.get("person") else 4), odd


def test_who_may_read_whose_log(app: Flask, cast: Cast, a_day: str) -> None:
    anh = cast.client("Anh")
    assert {who for _, who in lines(anh, unit=VIET_HUNG)} == {cast.tuan.name}
    assert len(lines(anh, unit=PHUC_LOI)) == 4
    assert "/desk/records/" not in anh.get(f"/desk/log?unit={PHUC_LOI}").text
    assert anh.get("/desk/log").status_code == 200
    assert cast.client("Ha").get(f"/desk/log?unit={VIET_HUNG}").status_code == 404
    assert cast.client("Ha").get(f"/desk/log?unit={CITY}").status_code == 404
    for who in ("Minh", "Tuan"):
        assert cast.client(who).get("/desk/log").status_code in (302, 404), who


def test_pages_follow_each_other(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(queries, "PAGE", 4)
    with app.app_context():
        for number in range(10):
            with transact():
                ledger.note(PHUC_LOI, "filled", by=cast.minh.id, version=number)
    address: str | None = "/desk/log?what=filled"
    versions: list[str] = []
    while address:
        page = cast.client("Ha").get(address).text
        versions += re.findall(r"bản (\d+)", page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else None
    assert versions == [str(number) for number in reversed(range(10))]


def test_the_log_can_be_taken_out_and_that_stands_in_it(app: Flask, cast: Cast, a_day: str) -> None:
    rows = table(take(cast.client("Ha"), "log"))
    assert [row["Số"] for row in rows] == ["1", "2", "3", "4"]
    with app.app_context():
        hashes = [link.hash for link in db.session.query(Link).filter_by(ward_id=PHUC_LOI).order_by(Link.no)]
        assert [row["Mã niêm"] for row in rows] == hashes[:4]
        assert not list(Audit().findings())
    assert lines(cast.client("Ha"))[0] == ("Xuất ra tệp", cast.ha.name)
    (row, *_) = sheet(take(cast.client("Anh"), "log", unit=str(VIET_HUNG), format="xlsx"))
    assert row["Lúc"].is_date and row["Ai"].value == cast.tuan.name
    assert [who for what, who in lines(cast.client("Anh"), unit=VIET_HUNG) if what == "Xuất ra tệp"] == [cast.anh.name]
    assert take(cast.client("Minh"), "log").status_code == 404


def test_every_link_says_when(app: Flask, cast: Cast, clock: Clock) -> None:
    with app.app_context():
        with transact():
            ledger.note(PHUC_LOI, "photo_read", photo="p", by=cast.minh.id)
        link = db.session.query(Link).filter_by(ward_id=PHUC_LOI).one()
        assert '"at":"2026-06-03T02:12:44+00:00"' in link.facts
        assert link.at == clock.now()


def test_a_fact_without_words_is_shown_by_its_name(app: Flask, cast: Cast, clock: Clock) -> None:
    with app.app_context(), transact():
        ledger.note(PHUC_LOI, "danced", by="nobody", kinds="x", version="y", rows=[], verdict="<b>")
    ((what, who),) = lines(cast.client("Ha"))
    assert (what, who) == ("danced", "nobody")


def test_every_deed_has_words() -> None:
    for what in (*shown.READS, *shown.DEEDS):
        assert shown.deed(what) != what, what


def test_everything_that_is_noted_has_words_in_both_languages() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "app").rglob("*.py")]
    noted = {what for text in sources for what in re.findall(r'ledger\.note\(\s*[\w.\[\]"]+, "(\w+)"', text)}
    assert {"step", "verdict", "second_factor"} <= noted  # found where they are written
    for lang in ("vi", "en"):
        without = {what for what in noted | {*shown.READS, *shown.DEEDS} if f"audit.what.{what}" not in catalog(lang)}
        assert not without, lang
    assert noted <= {*shown.READS, *shown.DEEDS}  # what cannot be filtered by is hard to find
