"""First light."""
from tests.phone import Phone


def test_one(app, cast):
    lan = Phone(app, cast.lan)
    pond = lan.record("hazard_site", type="DN1", name="Ao nhà văn hóa", address="ngõ 5")
    answer = lan.sync()
    assert lan.outbox == []
    assert answer["records"] == []
    assert lan.receipt(pond)["outcome"] == "applied"
    answer = lan.sync()
    print(answer)
