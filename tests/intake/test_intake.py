"""The write-only door: what is taken, what is kept aside and why, and that nothing but receipts comes out."""

import hashlib
import json

import pytest
from flask import Flask

from app.i18n import catalog
from tests.cast import Cast
from tests.intake.office import Office
from tests.keys import Key, base64url
from tests.phone import Json, Phone
from tests.sync.ward import Ward


def body(phone: Phone, **more: object) -> str:
    return json.dumps(phone.change(**{"set": {"name": "Ao đình làng, tổ 7"}, **more}), ensure_ascii=False)  # type: ignore[arg-type]


def receipts(phone: Phone, *changes: Json) -> list[Json]:
    answer = phone.post_intake(list(changes))
    assert answer.status_code == 200, answer.text
    assert answer.get_json().keys() == {"receipts"}
    found: list[Json] = answer.get_json()["receipts"]
    return found


def code_of(receipt: Json) -> tuple[str, str]:
    return receipt["outcome"], receipt["problems"][0]["code"] if receipt["problems"] else ""


def test_signed_work_of_somebody_with_rights_is_judged_as_always(lan: Phone, office: Office, ward: Ward) -> None:
    office.lets_expire(lan.person)
    text = body(lan)
    signed = lan.signed(text)
    [receipt] = receipts(lan, signed)
    assert (receipt["outcome"], receipt["version"]) == ("needs_fixing", 1)
    assert receipt["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    [record] = ward.records()
    assert (record.author_id, record.ward_id, record.group_id) == (lan.person.id, 2, 7)
    assert ward.log()[0].sig == signed["sig"], "the proof is kept with what it proves"


def test_it_needs_no_sign_in_and_a_signed_in_browser_gains_nothing(lan: Phone, cast: Cast, ward: Ward) -> None:
    sent = {"device": lan.device, "person": lan.person.id, "changes": [lan.signed(body(lan))]}
    answer = cast.client("Tuan").post("/api/v1/intake", json=sent, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.get_json()["receipts"][0]["outcome"] == "needs_fixing"
    assert "Set-Cookie" not in answer.headers
    assert [record.author_id for record in ward.records()] == [lan.person.id]


@pytest.mark.parametrize("sig", [None, "", "AAAA", base64url(bytes(64)), "the key of another phone"])
def test_a_known_phone_without_a_good_signature_is_heard_but_not_believed(
    lan: Phone, ward: Ward, sig: str | None
) -> None:
    text = body(lan)
    change = {"body": text, "sig": Key().sign(text) if sig == "the key of another phone" else sig}
    [receipt] = receipts(lan, change)
    assert code_of(receipt) == ("quarantined", "bad_signature")
    assert receipt["version"] == 0
    assert ward.kept(text) and ward.records() == []


def test_a_signature_is_for_one_text_only(lan: Phone, ward: Ward) -> None:
    signed, other = lan.signed(body(lan)), body(lan)
    [receipt] = receipts(lan, {"body": other, "sig": signed["sig"]})
    assert code_of(receipt) == ("quarantined", "bad_signature")
    assert ward.records() == []


def test_a_revoked_phone_hands_in_and_opens_nothing(lan: Phone, office: Office, ward: Ward) -> None:
    office.revokes(lan.person)
    text = body(lan)
    assert code_of(receipts(lan, lan.signed(text))[0]) == ("quarantined", "phone_revoked")
    assert ward.kept(text) and ward.records() == []


def test_whoever_left_hands_in_and_opens_nothing(lan: Phone, office: Office, ward: Ward) -> None:
    office.closes(lan.person)
    text = body(lan)
    assert code_of(receipts(lan, lan.signed(text))[0]) == ("quarantined", "rights_gone")
    assert ward.kept(text) and ward.records() == []


def test_a_phone_that_never_had_a_key_but_was_signed_in_is_known(app: Flask, cast: Cast, ward: Ward) -> None:
    phone = Phone(app, cast.lan)
    text = body(phone)
    assert code_of(receipts(phone, {"body": text})[0]) == ("quarantined", "bad_signature")
    assert ward.kept(text)


@pytest.mark.parametrize("who", ["an unknown phone", "somebody else's phone", "nobody"])
def test_an_unknown_phone_is_told_so_and_nothing_is_kept(lan: Phone, cast: Cast, ward: Ward, who: str) -> None:
    more: dict[str, object] = {
        "an unknown phone": {"device": "d0000000-0000-4000-8000-00000000dead"},
        "somebody else's phone": {"person": cast.hoa.id},
        "nobody": {"person": "a0000000-0000-4000-8000-00000000dead"},
    }[who]
    answer = lan.post_intake([lan.signed(body(lan))], **more)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "unknown_device")
    assert ward.log() == []


def test_the_same_refusal_for_whatever_is_unknown(lan: Phone, cast: Cast) -> None:
    answers = {
        lan.post_intake(changes, **more).text
        for changes in ([], [lan.signed(body(lan))], [{"body": "x"}])
        for more in ({"person": cast.hoa.id}, {"person": "nobody"}, {"device": "nowhere"})
    }
    assert len(answers) == 1


def test_handed_in_and_then_sent_is_one_change_with_one_receipt(lan: Phone, ward: Ward) -> None:
    text = body(lan)
    [first] = receipts(lan, lan.signed(text))
    assert lan.push(text) == [first]
    assert receipts(lan, lan.signed(text), {"body": text}) == [first, first]
    assert len(ward.log()) == len(ward.records()) == 1


def test_sent_and_then_handed_in_is_one_change_with_one_receipt(lan: Phone, office: Office, ward: Ward) -> None:
    text = body(lan)
    [first] = lan.push(text)
    office.revokes(lan.person)
    assert receipts(lan, lan.signed(text)) == [first]
    assert len(ward.log()) == 1


def test_kept_aside_stays_so_when_it_is_sent_after_signing_in(lan: Phone, ward: Ward) -> None:
    text = body(lan)
    [first] = receipts(lan, {"body": text})
    assert lan.push(text) == [first]
    assert ward.records() == []


def test_other_bytes_under_a_known_id_are_kept_beside_it(lan: Phone, ward: Ward) -> None:
    text = body(lan)
    receipts(lan, lan.signed(text))
    forged = text.replace("đình làng", "giả")
    assert code_of(receipts(lan, {"body": forged})[0]) == ("quarantined", "change_id_reused")
    assert ward.kept(text) and ward.kept(forged)


def test_one_parcel_with_every_sort_stands_each_for_itself(lan: Phone, ward: Ward) -> None:
    good, forged, broken = body(lan), body(lan), "{"
    sent = [lan.signed(good), {"body": forged, "sig": "x"}, lan.signed(broken), lan.signed(good)]
    found = receipts(lan, *sent)
    assert [code_of(receipt)[0] for receipt in found] == ["needs_fixing", "quarantined", "quarantined", "needs_fixing"]
    assert [code_of(receipt)[1] for receipt in found[1:3]] == ["bad_signature", "unreadable"]
    assert found[0] == found[3]
    assert len(ward.log()) == 3


def test_an_edit_handed_in_waits_for_the_record_it_is_about(lan: Phone, office: Office, ward: Ward) -> None:
    office.lets_expire(lan.person)
    record = lan.record("hazard_site", name="Hồ sau chợ")
    created = lan.outbox[0].body
    edit = body(lan, record_id=record, base=1, set={"name": "Hồ sau chợ Phúc Lợi"})
    assert code_of(receipts(lan, lan.signed(edit))[0])[0] == "held"
    receipts(lan, lan.signed(created))
    assert ward.record(record).data["name"] == "Hồ sau chợ Phúc Lợi"  # type: ignore[union-attr]


def test_nothing_to_hand_in_is_fine(lan: Phone) -> None:
    assert receipts(lan) == []


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"{", 400),
        (b"[]", 422),
        (b"{}", 422),
        (json.dumps({"device": "d", "changes": []}).encode(), 422),
        (json.dumps({"device": "d", "person": "p", "changes": [{"body": 7}]}).encode(), 422),
        (json.dumps({"device": "d", "person": "p", "changes": [{"body": "x"}] * 101}).encode(), 413),
        (b" " * 300_000, 413),
    ],
)
def test_what_cannot_be_read_is_refused_whole(app: Flask, sent: bytes, status: int) -> None:
    answer = app.test_client().post("/api/v1/intake", data=sent, content_type="application/json")
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}]
)
def test_another_site_cannot_make_a_browser_post(lan: Phone, headers: dict[str, str]) -> None:
    sent = {"device": lan.device, "person": lan.person.id, "changes": []}
    assert lan.client.post("/api/v1/intake", json=sent, headers=headers).status_code == 403


def test_a_browser_too_old_to_say_where_it_is_from_loses_nothing(lan: Phone, ward: Ward) -> None:
    sent = {"device": lan.device, "person": lan.person.id, "changes": [lan.signed(body(lan))]}
    assert lan.client.post("/api/v1/intake", json=sent).status_code == 200
    assert len(ward.records()) == 1


def test_every_reason_has_words_for_phone_and_desk() -> None:
    for code in ("bad_signature", "unsigned", "rights_gone", "phone_revoked"):
        assert catalog("vi")[f"check.{code}"] and catalog("en")[f"check.{code}"]


def test_a_verdict_that_a_handed_in_edit_met_is_still_told(lan: Phone, ward: Ward) -> None:
    """The receipt of a hand-in raises the phone's version; what it brings no word of must come with the next pass."""
    lan.registers_key()
    pond = lan.record("hazard_site", type="DN1", name="Ao đình", address="ngõ 12")
    lan.sync()
    ward.judges(pond, "return", "Nhờ xem lại chỗ này")
    lan.edit(pond, name="Ao ông Tư")
    lan.hand_in()
    assert lan.store[pond]["review"] is None
    lan.edit(pond, name="Ao bà Tám")
    lan.sync()
    assert lan.store[pond]["status"] == "answered"
    assert lan.store[pond]["review"]["verdict"] == "return"
