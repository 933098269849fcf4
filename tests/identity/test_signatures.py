"""Signatures of phones, on the vectors of RFC 6979 and NIST, and on everything that is not quite one."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.signatures import is_public_key, verify
from tests.keys import Key, base64url

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/signatures.json").read_text(encoding="utf-8"))
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
BODY = '{"set":{"name":"Ao đình làng"}}'


def halves(vector: dict[str, Any]) -> tuple[str, str]:
    public = base64url(bytes.fromhex("04" + vector["x"] + vector["y"]))
    return public, base64url(bytes.fromhex(vector["r"] + vector["s"]))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["source"])
def test_published_vectors(vector: dict[str, Any]) -> None:
    public, signature = halves(vector)
    assert is_public_key(public)
    assert verify(public, signature, bytes.fromhex(vector["message"])) == vector["good"]


@given(st.text(alphabet=st.characters(), max_size=200))
def test_what_a_key_signs_is_verified_to_the_byte(body: str) -> None:
    key, raw = Key(), body.encode("utf-8", "surrogatepass")
    assert verify(key.public, key.sign(body), raw)
    assert not verify(key.public, key.sign(body), raw + b" ")
    assert not verify(Key().public, key.sign(body), raw)


@given(st.text(max_size=100) | st.binary(max_size=100).map(base64url) | st.none())
def test_nothing_else_is_a_signature_and_nothing_raises(text: str | None) -> None:
    assert not verify(Key().public, text, BODY.encode())
    assert not verify(text or "", Key().sign(BODY), BODY.encode())
    assert not is_public_key(text or "")


@pytest.mark.parametrize(("r", "s"), [(0, 0), (0, 1), (1, 0), (ORDER, 1), (1, ORDER), (ORDER - 1, ORDER - 1)])
def test_halves_at_the_edges(r: int, s: int) -> None:
    signature = base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    assert not verify(Key().public, signature, BODY.encode())


def test_points_that_are_none() -> None:
    good = bytes.fromhex("04" + VECTORS[0]["x"] + VECTORS[0]["y"])
    assert is_public_key(base64url(good))
    for bad in (good[:-1], good + b"\0", good[:-1] + bytes([good[-1] ^ 1]), b"\x02" + good[1:], bytes(65), b"\0"):
        assert not is_public_key(base64url(bad))
    assert not is_public_key(base64url(good) + "=")
    assert not is_public_key(base64url(good)[:-1] + "7"), "a key has one spelling only"
