"""What signing and sealing cost: on a phone with a slowed processor, and on the server.

    python -m benchmarks.sealing       prints the table; medians, beside their bars

The phone's half runs the phone's own code in Chromium at 4× slowed main thread. What it cannot show: a real phone;
Chromium does WebCrypto in threads that it does not slow, so the unslowed figure × 4 is printed beside it.
The server's half sends 1,000 records in batches of 50 through the application, without network and without a flush
of a real disk, and counts the processor's time; beside it what one opening and one check take alone, and what
keeping a change sealed at rest adds.
"""

import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

from playwright.sync_api import sync_playwright

from app.at_rest import sealing
from app.at_rest.sealing import Placed
from app.db import db, transact
from app.identity import signatures
from app.records.models import Change
from app.seals import rules, service
from campaigns.place import Place
from tests.browser.conftest import ARGS
from tests.cast import PEOPLE
from tests.phone import Phone

ROOT = Path(__file__).parents[1]
CHILD = {"name": "Nguyễn Văn Đức", "born": "2016", "address": "ngõ 12, tổ 7", "note": "hay sang nhà bà"}
RUNS, SLOWER, RECORDS, BATCH = 40, 4, 1_000, 50
POND = {"type": "DN1", "name": "Ao đình làng", "address": "ngõ 12, tổ 7", "risk": "high"}
PAGE = """
import { seal } from "%(root)s/static/client/sync/hpke.ts";
globalThis.measure = async (point, body, runs) => {
  const times = [];
  const own = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const info = new TextEncoder().encode("to-am-sealed/1\\nk\\n{}");
  for (let n = 0; n < runs; n++) {
    const begin = performance.now();
    const stream = new Blob([body]).stream().pipeThrough(new CompressionStream("gzip"));
    const packed = new Uint8Array(await new Response(stream).arrayBuffer());
    const sealed = await seal(Uint8Array.from(point), info, packed);
    await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, own.privateKey, sealed);
    times.push(performance.now() - begin);
  }
  return times;
};
"""


def on_a_phone() -> tuple[float, float]:
    """Milliseconds to compress, seal and sign one change: slowed, and not."""
    public, _ = rules.make_key()
    body = json.dumps({"id": "c", "set": POND}, ensure_ascii=False)
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        place = Path(made)
        (place / "page.ts").write_text(PAGE % {"root": ROOT}, encoding="utf-8")
        node, esbuild = ROOT / ".venv/node/node", ROOT / "node_modules/esbuild/bin/esbuild"
        out = f"--outfile={place}/page.js"
        subprocess.run([node, esbuild, place / "page.ts", "--bundle", "--minify", out], check=True, capture_output=True)
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        page = browser.new_page()
        page.route("https://localhost/**", lambda route: route.fulfill(body="<p>", content_type="text/html"))
        page.goto("https://localhost/")
        page.add_script_tag(path=place / "page.js")
        asked = [list(rules.unpadded(public)), body, RUNS]
        run = "([point, body, runs]) => measure(point, body, runs)"
        page.evaluate(run, asked)  # warm
        plain = statistics.median(page.evaluate(run, asked))
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        slowed = statistics.median(page.evaluate(run, asked))
        browser.close()
    return slowed, plain


def alone(work: Callable[[], Any], times: int = 2_000) -> float:
    """Milliseconds of processor time that one of these takes."""
    work()
    begin = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - begin) / times * 1000


def on_the_server() -> dict[str, float]:
    """Milliseconds of processor time for each record of a push: open and unsigned, signed, sealed and signed."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as made, Place(Path(made)).app() as app:
        with app.app_context(), transact():
            service.ensure_keys()
            service.mark_safe(service.unsafe())
        ways = ("open, no key", "of children, kept open", "of children, kept sealed", "signed", "sealed and signed")
        for name in (*ways, *(f"{way} " for way in ways)):
            phone = Phone(app, PEOPLE["Lan"], device=f"d-{len(found)}")
            if "signed" in name:
                phone.registers_key()
            if "sealed" in name:
                phone.learns_to_seal()
            kind, answers = ("child", CHILD) if "children" in name else ("hazard_site", POND)
            for _ in range(RECORDS):
                phone.record(kind, **answers)
            bodies = [entry.body for entry in phone.outbox]
            batches = [phone.envelope(bodies[start : start + BATCH]) for start in range(0, RECORDS, BATCH)]
            spent = 0.0
            for batch in batches:
                begin = time.process_time()
                with patch.object(sealing, "is_sealed", lambda _: False) if "kept open" in name else nullcontext():
                    answer = phone.post(batch)
                spent += time.process_time() - begin
                assert {one["outcome"] for one in answer.get_json()["receipts"]} <= {"applied", "needs_fixing"}
            found[name] = spent / RECORDS * 1000
        with app.app_context():
            key = db.session.scalars(db.select(service.SealKey).filter_by(use="seal")).one()
            entry, body = next(iter(phone.shut.values())), bodies[0]
            seal = rules.Seal(entry["body"], entry["key"], entry["head"])
            found["opening alone"] = alone(lambda: rules.open_seal(seal, rules.private_key(key.private), 10**6))
            assert phone.key
            signed = (phone.key.public, phone.key.sign(body), body.encode())
            found["check alone"] = alone(lambda: signatures.verify(*signed))
            kept = Placed(body.encode(), 2, "log", "0" * 64)
            column, dialect = Change.__table__.c.body.type, db.engine.dialect
            stored = column.process_bind_param(kept, dialect)
            found["sealing at rest alone"] = alone(lambda: column.process_bind_param(kept, dialect))
            found["opening at rest alone"] = alone(lambda: column.process_result_value(stored, dialect))
    return found


def main() -> None:
    """Measure and print."""
    slowed, plain = on_a_phone()
    print(f"compress, seal and sign a change at {SLOWER}× slowed CPU: {slowed:.1f} ms (bar 20)")
    print(f"  the same unslowed: {plain:.1f} ms, × {SLOWER} = {plain * SLOWER:.1f} ms")
    found = on_the_server()
    for name, spent in found.items():
        bar = {"opening alone": " (bar 1)", "opening at rest alone": " (bar 1)"}.get(name, "")
        print(f"{name.strip():<22} {spent:.3f} ms CPU{bar}")
    print(f"the request's JSON and gzip on the test's own side are in the first lines; {RECORDS} records in {BATCH}s")


if __name__ == "__main__":
    main()
