"""Lists as files: typed, harmless, within the scope, never without a trace, and never who told us."""

import io
import json
import weakref
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from app.db import db, transact
from app.exports import formats, rules
from app.exports.models import Export
from app.kinds import registry
from app.records.audit import Audit
from tests.cast import GROUP_2_VIET_HUNG, GROUP_3, VIET_HUNG, Cast
from tests.conftest import DATABASES, make_app, put_away
from tests.desk.records import BEATEN, DUC, POND, a_place, make
from tests.exports.desk import HERE, links, sheet, table, take, texts, with_step_up

INFORMANT, KEEPER = "Bà Trần Thị Kể", "Ông Đỗ Văn Ao"
TOLD = {"informant_agrees": "yes", "informant_name": INFORMANT, "informant_phone": "+84912345678"}


@pytest.fixture
def minh(cast: Cast) -> FlaskClient:
    """The officer's browser."""
    return cast.client("Minh")


def test_cells_have_types_and_codes_their_words(app: Flask, minh: FlaskClient) -> None:
    pond = {**POND, "place": a_place(), "depth": "deep", "past": "yes", "past_on": "2019", "past_count": 2}
    with app.app_context():
        made = make(data=pond)
    (row,) = sheet(take(minh, kind="hazard_site", state="all", format="xlsx"))
    assert row["Mã phiếu"].value == made
    assert (row["Loại điểm nguy cơ"].value, row["Mức nguy cơ"].value) == ("Hồ, ao, đầm", "Cao")
    assert (row["Tình trạng"].value, row["Tổ"].value) == ("Mới nhận", "7")
    seen = row["Ngày xảy ra"]
    assert (str(seen.value), seen.is_date, seen.number_format) == ("2026-06-02 00:00:00", True, "dd/mm/yyyy")
    assert str(row["Phường nhận lúc"].value) == "2026-06-03 08:12:44"
    assert (row["Vị trí: vĩ độ"].value, row["Vị trí: vĩ độ"].data_type) == (21.0402, "n")
    assert (row["Tai nạn xảy ra khi nào?"].value, row["Số trẻ bị nạn"].value) == (2019, 2)
    (plain,) = table(take(minh, kind="hazard_site", state="all"))
    assert (plain["Ngày xảy ra"], plain["Phường nhận lúc"]) == ("2026-06-02", "2026-06-03 08:12")
    assert (plain["Mức nguy cơ"], plain["Vị trí: kinh độ"]) == ("Cao", "105.9183")


BOMBS = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "＝1+1", "＋1", "－1", "＠a", " =1", "\u200b=1", "\ufeff=1", "−1"]


def test_nothing_in_a_file_calculates(app: Flask, minh: FlaskClient) -> None:
    call = 'HYPERLINK("https://evil.example";"x")'
    with app.app_context():
        for bomb in BOMBS:
            make(data={**POND, "name": bomb + call, "description": f"Bờ trơn;{bomb}"})
    cells = [row["Tên gọi chỗ này"] for row in sheet(take(minh, kind="hazard_site", format="xlsx"))]
    assert {(cell.data_type, bool(cell.quotePrefix)) for cell in cells} == {("s", True)}
    assert {cell.value for cell in cells} == {bomb + call for bomb in BOMBS}
    plain = table(take(minh, kind="hazard_site"))
    names = [row["Tên gọi chỗ này"] for row in plain]
    assert {name.replace("'", "") for name in names} == {bomb + call for bomb in BOMBS}
    assert not [name for name in names if rules.is_formula(name) or not name.startswith("'")]
    assert not [row["Mô tả"] for row in plain if rules.is_formula(row["Mô tả"].split(";")[1])]


def test_what_is_no_formula_stays_as_it_is() -> None:
    for text in ("Ao sau nhà văn hóa", "Đỗ Thị Hoa", "số 5 - ngõ 12", "a=b", "0912 000 007", "", "7", "; rồi"):
        assert rules.harmless(text) == text


def test_vietnamese_in_both_forms_and_odd_characters_come_through(app: Flask, minh: FlaskClient) -> None:
    odd = 'Hồ "Ấp" \N{PILE OF POO}, dòng\nhai\x0b'
    with app.app_context():
        make(data={**POND, "name": odd})
    (row,) = sheet(take(minh, kind="hazard_site", format="xlsx"))
    (plain,) = table(take(minh, kind="hazard_site"))
    assert row["Tên gọi chỗ này"].value == plain["Tên gọi chỗ này"] == odd.replace("\x0b", "\ufffd")


def test_geojson_is_what_the_map_says(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        make(data={**POND, "place": a_place(), "keeper": KEEPER})
        make(data=POND)
    answer = take(minh, "map", format="geojson", depth="all")
    (feature,) = json.loads(answer.data)["features"]
    assert answer.mimetype == "application/geo+json" and KEEPER not in answer.text
    assert feature == minh.get("/desk/map.geojson").get_json(force=True)["features"][0]
    assert links(app, "exported")[0]["rows"] == 1


def test_a_name_leaves_only_when_it_is_asked_for(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        child = make("child", {**DUC, "circumstances_kept": ["d"], "note": "Ghi chú"})
        make("child_visit", {"child": child, "visited_on": "2026-06-02", "concern": "Điều lo"}, parent=child)
    for depth, child_there, concern_there in (("open", False, False), ("people", True, False), ("all", True, True)):
        for format in ("csv", "xlsx"):
            visits = texts(take(minh, kind="child_visit", state="all", depth=depth, format=format))
            assert ("Nguyễn Minh Đức" in visits, "Điều lo" in visits) == (child_there, concern_there), (depth, format)
            children = texts(take(minh, kind="child", state="all", depth=depth, format=format))
            assert ("Nguyễn Minh Đức" in children) == child_there


def test_who_told_us_is_in_no_file(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        make("violation_report", {**BEATEN, **TOLD, "child_name": "Trần Gia Bảo", "place": a_place()})
    for depth in rules.DEPTHS:
        for format in ("csv", "xlsx"):
            said = texts(take(minh, kind="violation_report", depth=depth, format=format))
            assert not [name for name in (INFORMANT, "345678", "345 678") if name in said], (depth, format)
            assert ("Trần Gia Bảo" in said) == (depth != "open")


def test_a_planted_leak_of_the_informant_is_seen(
    app: Flask, minh: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.exports.columns.may_leave", lambda field, depth: True)
    with app.app_context():
        make("violation_report", {**BEATEN, **TOLD})
    assert INFORMANT in texts(take(minh, kind="violation_report", depth="open"))


def test_only_the_own_ward_and_what_the_list_shows(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        ours = make(data={**POND, "risk": "low"})
        other = make(data=POND, group=GROUP_3)
        done = make(data=POND, status="accepted")
        make(data=POND, ward=VIET_HUNG, group=GROUP_2_VIET_HUNG, by="Tuan")
    ids = lambda **wanted: {row["Mã phiếu"] for row in table(take(minh, **wanted))}  # noqa: E731
    assert ids() == ids(kind="hazard_site") == {ours, other}
    assert ids(state="all") == {ours, other, done}
    assert ids(group=str(GROUP_3)) == {other}
    assert ids(name="map", risk="low") == {ours}
    assert ids(name="search", q="ao sau") == {ours, other, done}
    assert ids(name="search", q="") == set()
    assert ids(name="rechecks") == set()
    assert ids(name="picked", pick=f"{other}:1") == {other}
    assert minh.post("/desk/export/picked", data={}, headers=HERE).status_code == 303


def test_the_due_list_says_by_when(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        make(data={**POND, "seen_on": "2026-05-01"}, happened=date(2026, 5, 1))
    (row,) = sheet(take(minh, "rechecks", format="xlsx"))
    assert row["Hạn kiểm tra"].is_date and row["So với hạn"].value == "Quá hạn"


def test_no_file_without_a_reason(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        make("child", DUC)
    for faulty, word in (
        ({"reason": " "}, "Ô này cần có"),
        ({"reason": "x" * 301}, "Dài quá"),
        ({"format": "exe"}, "Chọn một mục"),
        ({"depth": "informant"}, "Chọn một mục"),
    ):
        answer = take(minh, kind="child", state="all", **faulty)
        assert answer.status_code == 422 and word in answer.text, faulty
        assert "Nguyễn Minh Đức" not in answer.text
    assert links(app, "exported") == []


def test_children_reports_and_names_leave_only_after_a_fresh_proof(app: Flask, minh: FlaskClient) -> None:
    with_step_up(app)
    with app.app_context():
        make("child", DUC)
        make(data={**POND, "keeper": KEEPER})
    plain = take(minh, kind="hazard_site", state="all")
    assert plain.status_code == 200 and KEEPER not in texts(plain)
    for list_, form in (
        ("queue", {"kind": "child", "state": "all"}),
        ("queue", {"kind": "violation_report"}),
        ("queue", {}),  # the whole queue may hold a report
        ("search", {"q": "đức"}),
        ("queue", {"kind": "hazard_site", "depth": "people", "state": "all"}),
    ):
        answer = take(minh, list_, **form)
        assert answer.status_code == 403 and 'name="purpose" value="export"' in answer.text, form
        assert answer.headers["Cache-Control"] == "no-store" and not answer.headers.get("Content-Disposition")
    assert minh.get("/desk/export/queue?kind=child").status_code == 303
    for about in ("queue/child", "queue/hazard_site"):
        said = {"purpose": "export", "about": about, "reason": "Danh sách quà 1/6", "next": "/desk/export/queue"}
        assert minh.post("/desk/confirm", data=said, headers=HERE).status_code == 303
    assert "Danh sách quà 1/6" in minh.get("/desk/export/queue?kind=child&state=all").text
    assert "Nguyễn Minh Đức" in texts(take(minh, kind="child", state="all", depth="people", reason=""))
    assert KEEPER in texts(take(minh, kind="hazard_site", depth="people", state="all", reason=""))
    with app.app_context():
        assert [row.reason for row in db.session.query(Export).order_by(Export.id)][1:] == ["Danh sách quà 1/6"] * 2
    assert take(minh, kind="violation_report").status_code == 403  # a reason is for one list alone


def test_every_file_leaves_a_trace(app: Flask, cast: Cast, minh: FlaskClient) -> None:
    with app.app_context():
        make("child", DUC)
    answer = take(minh, "search", q="duc", reason="Xem lại cháu Đức")
    assert answer.headers["Content-Disposition"] == "attachment; filename=to-am-search-20260603-0912.csv"
    (facts,) = links(app, "exported")
    said = {name: facts[name] for name in ("list", "format", "depth", "rows", "by")}
    assert said == {"list": "search", "format": "csv", "depth": "open", "rows": 1, "by": cast.minh.id}
    assert not {"duc", "Đức", "Xem lại cháu Đức"} & set(json.dumps(facts, ensure_ascii=False).split('"'))
    with app.app_context():
        row = db.session.get(Export, facts["export"])
        assert row is not None and (row.reason, row.wanted) == ("Xem lại cháu Đức", {"state": "all", "words": 1})
        kept = [one.words for one in Audit().findings() if "Export" in one.words]
    assert kept == []


@pytest.mark.parametrize("tampered", ["reason", "rows", "gone"])
def test_verify_sees_a_changed_trace(app: Flask, minh: FlaskClient, tampered: str) -> None:
    with app.app_context():
        make(data=POND)
    take(minh, kind="hazard_site")
    with app.app_context():
        with transact():
            row = db.session.get(Export, links(app, "exported")[0]["export"])
            if tampered == "gone":
                db.session.delete(row)
            else:
                setattr(row, tampered, {"reason": "Việc khác", "rows": 0}[tampered])
        assert [one for one in Audit().findings() if "Export 1" in one.words]


def test_without_its_trace_nothing_leaves(app: Flask, minh: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("disk")

    monkeypatch.setattr("app.exports.service.ledger.note", fails)
    app.config["ANSWER_FAULTS"] = True
    with app.app_context():
        make(data=POND)
    answer = take(minh, kind="hazard_site")
    assert answer.status_code == 500 and "Ao sau" not in answer.text
    with app.app_context():
        assert db.session.get(Export, 1) is None


def test_who_may(app: Flask, cast: Cast, minh: FlaskClient) -> None:
    assert cast.client("Ha").get("/desk/export/queue?kind=child").status_code == 200
    assert take(cast.client("Ha"), kind="child").status_code == 200
    for path in ("/desk/export/none", "/desk/export/log"):
        assert minh.get(path).status_code == 404
    assert cast.client("Anh").get("/desk/export/queue").status_code == 404
    assert minh.post("/desk/export/search", data={"q": "đức"}, headers=HERE).status_code == 200
    assert "đức" not in minh.post("/desk/export/search", data={"q": "đức"}, headers=HERE).headers.get("Location", "")


KIND = """
from marshmallow import Schema
from app.kinds.vocabulary import Choice, Day, Kind, Name, Text, Words, codes, section

class Lamp(Schema):
    lit = Choice(("Sáng không?", "Lit?"), codes(("y", "Sáng", "Yes"), ("n", "Tối", "No")))
    seen = Day(("Ngày thấy", "Seen on"))
    owner = Name(("Chủ nhà", "Owner"))
    told_by = Name(("Ai báo", "Told by"), sensitivity="informant")

KIND = Kind(code="lamp", form=1, label=Words("Đèn", "Lamp"), menu=Words("Đèn", "Lamps"), examples=Words("a", "b"),
    icon="eye", schema=Lamp, sections=(section("all", ("Tất cả", "All"), "lit", "seen", "owner", "told_by"),),
    title=(), public=("lit",), happened="seen", order=99)
"""


def test_a_new_kind_exports_without_a_word_about_it(
    prepared: Path, tmp_path: Path, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kinds").mkdir()
    (tmp_path / "kinds" / "lamp.py").write_text(KIND, encoding="utf-8")
    DATABASES.copy(prepared, tmp_path / "to-am.db")
    made = make_app(tmp_path / "to-am.db", extra_kinds=str(tmp_path / "kinds"))
    try:
        cast = Cast(made)
        with made.app_context():
            make("lamp", {"lit": "n", "seen": "2026-06-01", "owner": KEEPER, "told_by": INFORMANT})
        (row,) = table(take(cast.client("Minh"), kind="lamp", depth="people"))
        assert (row["Sáng không?"], row["Ngày thấy"], row["Chủ nhà"]) == ("Tối", "2026-06-01", KEEPER)
        assert "Ai báo" not in row and INFORMANT not in row.values()
    finally:
        put_away(made)
        registry.load()


class Kept(dict[str, Any]):
    """A row's facts that can be watched."""

    __hash__ = object.__hash__  # type: ignore[assignment]


def test_memory_and_statements_do_not_grow_with_the_list(
    app: Flask, minh: FlaskClient, statements: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    real = formats.write

    def watched(format: str, sheet: Any, rows: Any, out: Any) -> int:
        alive: weakref.WeakSet[Kept] = weakref.WeakSet()

        def counted() -> Any:
            for row in rows:
                kept = Kept(row.facts)
                alive.add(kept)
                held.append(len(alive))
                yield row._replace(facts=kept)

        return real(format, sheet, counted(), out)

    monkeypatch.setattr(formats, "write", watched)
    with app.app_context():
        for number in range(60):
            make(data={**POND, "name": f"Ao {number}"})
    for format in ("xlsx", "csv"):
        with statements() as seen:
            assert take(minh, kind="hazard_site", format=format).status_code == 200
        assert max(held) <= 3 and len(seen) < 20, (max(held), len(seen))


def test_the_file_says_what_it_is(app: Flask, cast: Cast, minh: FlaskClient) -> None:
    with app.app_context():
        make(data=POND)
    about = load_workbook(io.BytesIO(take(minh, kind="hazard_site", format="xlsx").data)).worksheets[1]
    said = {row[0].value: row[1].value for row in about.iter_rows()}
    assert said["Người lấy ra"] == cast.minh.name and said["Để làm gì"] == "Gửi UBND theo công văn 12"
    assert "phường Phúc Lợi" in str(said["Đơn vị"]).replace("Phường", "phường")
