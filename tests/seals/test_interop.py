"""The phone's sealing and the server's opening are two programs: each opens what the other sealed."""

import json
import subprocess
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from app.seals import rules
from app.sync.envelopes import MOST_BYTES

ROOT = Path(__file__).parents[2]
TEXTS = ["", "a", "Bé Đức ở ngõ 12, tổ 7: ́̀ dấu rời, 𝓾nicode", "x" * 20_000, '{"set":{"name":"Ao đình làng"}}']
SCRIPT = """
import { openSeal } from "%(root)s/tests/client/open-seal.ts";
import { seal } from "%(root)s/static/client/sync/hpke.ts";
let text = "";
for await (const part of process.stdin) text += part;
const { point, secret, texts, sealed } = JSON.parse(text);
const bytes = (one) => new Uint8Array(Buffer.from(one, "base64url"));
const info = (n) => new TextEncoder().encode(`to-am-sealed/1\\nk\\n{"n":${n}}`);
const made = await Promise.all(texts.map((one, n) => seal(bytes(point), info(n), new TextEncoder().encode(one))));
const own = Buffer.from(secret, "base64url");
const opened = sealed.map((one, n) => openSeal(own, Buffer.from(info(n)), Buffer.from(one, "base64url")).toString());
console.log(JSON.stringify({ made: made.map((one) => Buffer.from(one).toString("base64url")), opened }));
"""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, list[str]]]:
    """A private key, and what the phone's code makes of texts and of seals of the server's library."""
    public, private = rules.make_key()
    key = rules.private_key(private)
    sealed = [
        rules.base64url(rules._SUITE.encrypt(text.encode(), key.public_key(), info=rules.info("k", f'{{"n":{n}}}')))
        for n, text in enumerate(TEXTS)
    ]
    place = tmp_path_factory.mktemp("interop")
    (place / "both.ts").write_text(SCRIPT % {"root": ROOT}, encoding="utf-8")
    node = ROOT / ".venv" / "node" / "node"
    bundle = [node, ROOT / "node_modules/esbuild/bin/esbuild", place / "both.ts", "--bundle", "--platform=node"]
    subprocess.run([*bundle, "--format=esm", f"--outfile={place}/both.mjs"], check=True, capture_output=True, cwd=ROOT)
    given = json.dumps({"point": public, "secret": private, "texts": TEXTS, "sealed": sealed})
    done = subprocess.run([node, place / "both.mjs"], input=given, check=True, capture_output=True, text=True)
    found: dict[str, list[str]] = json.loads(done.stdout)
    return private, found


def test_the_server_opens_what_the_phone_sealed(both: tuple[str, dict[str, list[str]]]) -> None:
    private, found = both
    for n, (text, sealed) in enumerate(zip(TEXTS, found["made"], strict=True)):
        seal = rules.Seal(sealed, "k", f'{{"n":{n}}}')
        inside = rules._SUITE.decrypt(
            rules.unpadded(sealed), rules.private_key(private), info=rules.info("k", seal.head)
        )
        assert inside.decode() == text
        with pytest.raises(InvalidTag):
            rules._SUITE.decrypt(rules.unpadded(sealed), rules.private_key(private), info=rules.info("k2", seal.head))
        if not text.startswith("{"):  # no change: its head has nothing to be compared with
            assert rules.open_seal(seal, rules.private_key(private), MOST_BYTES) == text


def test_the_phones_side_opens_what_the_servers_library_sealed(both: tuple[str, dict[str, list[str]]]) -> None:
    assert both[1]["opened"] == TEXTS
