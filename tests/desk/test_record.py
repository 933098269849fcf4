"""A record at the desk: everything readable, its history, and the verdicts on what the officer has seen."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.db import db
from app.records.models import Record, RecordVersion
from tests.cast import GROUP_2_VIET_HUNG, PEOPLE, VIET_HUNG, Cast
from tests.desk.records import BEATEN, DUC, POND, a_place, edit, make

HERE = {"Sec-Fetch-Site": "same-origin"}


def judge(client: FlaskClient, record_id: str, verdict: str, seen: int = 1, **more: str) -> Any:
    """Send the form of a verdict."""
    data = {"verdict": verdict, "seen": str(seen), **more}
    return client.post(f"/desk/records/{record_id}/verdict", data=data, headers=HERE)


def standing(app: Flask, record_id: str) -> tuple[str, int, dict[str, Any]]:
    """Status, version and last verdict."""
    with app.app_context():
        record = db.session.get(Record, record_id)
        assert record is not None
        return record.status, record.version, record.review or {}


def test_every_answer_is_shown_in_words(app: Flask, minh: FlaskClient) -> None:
    data = POND | {"place": a_place(acc=24), "fence": "broken", "depth": 2.5, "signs": ["none"], "of_an_old_form": "cũ"}
    with app.app_context():
        pond = make(data=data)
    page = minh.get(f"/desk/records/{pond}").text
    for words in ("Có nhưng hỏng", "2,5", "02/06/2026", "21.04020, 105.91830", "Sai số 24 m", "tổ 7, phường Phúc Lợi"):
        assert words in page, words
    assert 'class="ring"' in page and "of_an_old_form" in page
    assert "Đang xem bản 1" in page


def test_the_page_title_holds_no_name(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        duc = make("child", DUC)
        visit = make("child_visit", {"child": duc, "visited_on": "2026-06-02", "state": "safe"}, parent=duc)
        report = make("violation_report", BEATEN | {"child_name": "Trần Gia Bảo"})
    for record_id in (duc, visit, report):
        for path in ("", "/return", "/duplicate"):
            page = minh.get(f"/desk/records/{record_id}{path}").text
            head = page[: page.index("</title>")] + page[page.index("<h1") : page.index("</h1>")]
            assert not re.search("Đức|Bảo", head)
    assert "Nguyễn Minh Đức" in minh.get(f"/desk/records/{visit}").text  # its parent, as a link
    assert f"/desk/records/{visit}" in minh.get(f"/desk/records/{duc}").text


def test_the_informant_is_folded_away_and_restricted_fields_are_marked(app: Flask, minh: FlaskClient) -> None:
    told = {"informant_agrees": "yes", "informant_name": "Bà Tư", "informant_phone": "+84912345678"}
    with app.app_context():
        report = make("violation_report", BEATEN | told)
        edit(report, {"informant_name": "Bà Năm"})
    page = minh.get(f"/desk/records/{report}").text
    before = page[: page.index("Bà Năm")]
    assert before.rindex("<details") > before.rindex("</details>") if "</details>" in before else "<details" in before
    assert "Bà Tư" not in page  # the history says only that it changed
    assert "hạn chế" in page


def test_problems_warnings_and_conflicts_are_seen(app: Flask, minh: FlaskClient) -> None:
    clash = {
        "field": "fence", "kept": "none", "other": "broken",
        "kept_by": PEOPLE["Lan"].id, "other_by": PEOPLE["Hoa"].id,
        "kept_at": "2026-06-03T09:12:00+07:00", "other_at": "2026-06-03T10:40:00+07:00",
    }  # fmt: skip
    with app.app_context():
        pond = make(
            data=POND | {"place": a_place(lat=16.0), "fence": "none"},
            status="needs_fixing",
            problems=[{"field": "address", "code": "required"}],
            conflicts=[clash],
        )
    page = minh.get(f"/desk/records/{pond}").text
    for words in ("ngoài quận Long Biên", "Ô này cần có", "Chưa có", "Có nhưng hỏng", "Đỗ Thị Hoa · 03/06/2026 10:40"):
        assert words in page, words


def test_history_shows_what_changed_and_compares_any_two(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        pond = make(data=POND | {"fence": "none"})
        edit(pond, {"fence": "broken"})
        edit(pond, {"risk": "medium"})
    page = minh.get(f"/desk/records/{pond}").text
    assert '<del class="was">Chưa có</del>' in page and '<ins class="now">Có nhưng hỏng</ins>' in page
    assert "ghi trên máy" in page and "phường nhận" in page
    both = minh.get(f"/desk/records/{pond}?from=1&to=3").text
    compared = both[both.index('id="compared"') : both.index("</table>")]
    assert "Rào chắn" in compared and "Mức nguy cơ" in compared
    assert 'id="compared"' not in minh.get(f"/desk/records/{pond}?from=1&to=77").text


def test_accept(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        pond = make()
    answer = judge(minh, pond, "accept")
    assert answer.status_code == 303
    assert "Đã chấp nhận" in minh.get(answer.location).text
    assert standing(app, pond)[:2] == ("accepted", 2)


def test_return_with_a_reason_pinned_to_a_field(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        pond = make()
    form = minh.get(f"/desk/records/{pond}/return").text
    assert 'name="pin-risk"' in form and 'name="reason-risk"' in form
    more = {"pin-risk": "on", "reason-risk": "Vì sao cao?", "reason-name": "Ghi rõ ao nào", "note": "Cảm ơn chị"}
    assert judge(minh, pond, "return", **more).status_code == 303
    status, _, review = standing(app, pond)
    assert status == "returned"
    assert review["pins"] == {"risk": "Vì sao cao?", "name": "Ghi rõ ao nào"} and review["note"] == "Cảm ơn chị"
    page = minh.get(f"/desk/records/{pond}").text
    assert "Đã nhờ sửa: Vì sao cao?" in page and "“Cảm ơn chị”" in page


def test_what_the_form_found_missing_is_already_chosen(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        pond = make(status="needs_fixing", problems=[{"field": "address", "code": "required"}])
    form = minh.get(f"/desk/records/{pond}/return").text
    assert 'name="pin-address" checked' in form and "Ô này cần có." in form


def test_an_empty_return_or_close_is_asked_again_with_what_was_typed(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        pond = make()
    answer = judge(minh, pond, "return", note=" ")
    assert answer.status_code == 422 and "Chọn ít nhất một ô" in answer.text
    assert judge(minh, pond, "close").status_code == 422
    long = judge(minh, pond, "close", note="dài " * 600)
    assert long.status_code == 422 and "dài dài" in long.text
    assert judge(minh, pond, "burn").status_code == 422
    assert standing(app, pond)[:2] == ("received", 1)


def test_close_with_a_reason(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        pond = make()
    assert judge(minh, pond, "close", note="Ao đã lấp").status_code == 303
    assert "Ao đã lấp" in minh.get(f"/desk/records/{pond}").text


def test_a_version_that_was_not_seen_is_not_judged(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        pond = make(data=POND | {"fence": "none"})
        edit(pond, {"fence": "good"})
    for verdict in ("accept", "return", "close", "duplicate"):
        answer = judge(minh, pond, verdict, seen=1, note="Chữ đã gõ", pasted="r-1", **{"reason-risk": "Vì sao?"})
        assert answer.status_code == 409, verdict
        assert "Có bản mới hơn" in answer.text and '<ins class="now">Có, còn tốt</ins>' in answer.text
        assert 'name="seen" value="2"' in answer.text
        if verdict != "accept":
            assert "Chữ đã gõ" in answer.text, verdict
        if verdict == "return":
            assert 'value="Vì sao?"' in answer.text
    assert standing(app, pond)[:2] == ("answered", 2)


def test_pressing_twice_writes_once(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        pond = make()
    assert judge(minh, pond, "accept").status_code == 303
    again = judge(minh, pond, "accept")
    assert again.status_code == 409 and "Đã chấp nhận" in again.text
    with app.app_context():
        assert db.session.query(RecordVersion).filter_by(record_id=pond).count() == 2


def test_a_duplicate_is_chosen_from_what_is_near_or_sounds_alike(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        pond = make(data=POND | {"place": a_place()})
        near = make(data=POND | {"name": "Ao khác tên", "place": a_place(lat=21.0405)})
        alike = make(data=POND | {"name": "ao sau nha van hoa"})
        far = make(data=POND | {"name": "Cống hở", "place": a_place(lat=21.1)})
        child = make("child", DUC)
    form = minh.get(f"/desk/records/{pond}/duplicate").text
    assert f'value="{near}"' in form and f'value="{alike}"' in form and far not in form
    for wrong in (pond, child, "a0000000-0000-4000-8000-00000000dead", "hai chữ"):
        assert judge(minh, pond, "duplicate", pasted=wrong).status_code == 422, wrong
    pasted = f"https://localhost/desk/records/{far}?done=1"
    assert judge(minh, pond, "duplicate", pasted=pasted).status_code == 303
    status, _, review = standing(app, pond)
    assert status == "duplicate" and review["original"] == far
    assert f"/desk/records/{far}" in minh.get(f"/desk/records/{pond}").text


def test_what_was_withdrawn_takes_no_verdict(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        pond = make(status="withdrawn")
    assert "Chấp nhận" not in minh.get(f"/desk/records/{pond}").text
    assert minh.get(f"/desk/records/{pond}/return").status_code == 422
    assert judge(minh, pond, "return", note="?").status_code == 422


def test_the_leader_reads_only(app: Flask, cast: Cast) -> None:
    with app.app_context():
        pond = make()
    ha = cast.client("Ha")
    page = ha.get(f"/desk/records/{pond}").text
    assert "Ao sau nhà văn hóa" in page and "Chấp nhận" not in page
    assert ha.get(f"/desk/records/{pond}/return").status_code == 404
    assert judge(ha, pond, "accept").status_code == 404
    assert standing(app, pond)[0] == "received"


def test_outside_the_ward_it_does_not_exist(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        other = make(ward=VIET_HUNG, group=GROUP_2_VIET_HUNG, by="Tuan")
    for path in ("", "/return", "/duplicate"):
        assert minh.get(f"/desk/records/{other}{path}").status_code == 404
    assert judge(minh, other, "accept").status_code == 404
    assert minh.get("/desk/records/%00").status_code == 404
    assert standing(app, other)[0] == "received"


def test_a_verdict_from_another_site_is_refused(app: Flask, minh: FlaskClient) -> None:
    with app.app_context():
        pond = make()
    path = f"/desk/records/{pond}/verdict"
    assert (
        minh.post(path, data={"verdict": "accept", "seen": "1"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code
        == 403
    )
    assert standing(app, pond)[0] == "received"


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize(
    "status", ["received", "needs_fixing", "returned", "answered", "accepted", "closed", "withdrawn"]
)
def test_every_state_reads_in_both_languages(app: Flask, minh: FlaskClient, status: str, lang: str) -> None:
    with app.app_context():
        pond = make(status=status)
    assert minh.get(f"/desk/records/{pond}?lang={lang}&done=1").status_code == 200
