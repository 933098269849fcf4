"""T2, the flash is copied: fifty planted words, none of which lies in the profile of a browser that is shut.

where the words are        what protects them
drafts (20)                her data key, under the code
the ward's copies (10)     the read key, under the data key and the ward's half
finished, not sent (10)    the ward's key
finished and received (10) the same, and the read key

Beside them photos: of a draft, of a hazard and of a report that wait, the last an original with a mark in it.
"""

import gzip
import zlib
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from tests.browser.builds import CLIENT, Plant
from tests.browser.killable import Killable
from tests.browser.profile import hits, layers, planted, spellings
from tests.browser.releases import Holder, Releases
from tests.browser.test_hostile_script import MARK, hazards, reports

LAN, HOA = "0912000007", "0912000003"
SEED = 5050
OPEN = (b"JFIF\0", b"WEBPVP8", MARK.encode())  # what pictures begin with, and what stands in the original


class Life:
    """A phone's day, in a profile on the disk."""

    def __init__(self, releases: Releases, play: Playwright, folder: Path) -> None:
        self.releases, self.play, self.folder = releases, play, folder
        self.words = planted(50, SEED)
        print(f"seed {SEED}")

    def ward_sends(self) -> None:
        """Somebody of the same group recorded ten places."""
        hoa = Killable(self.play, self.folder / "hoa")
        phone = self._holder(hoa)
        phone.signs_in(HOA)
        phone.is_ready()
        for word in self.words[20:30]:
            phone.records_a_pond(word)
        phone.opens("#/sync")
        expect(phone.page.get_by_text("Phường đã nhận hết").first).to_be_visible()
        hoa.kill()
        hoa.forget()

    def is_lived(self) -> Path:
        """Lan's profile, after everything was typed, received and locked, and the browser was killed."""
        killable = Killable(self.play, self.folder / "lan")
        phone = self._holder(killable)
        phone.signs_in(LAN)
        phone.is_ready()
        phone.opens("#/records")
        self._finishes(phone, self.words[30:40])
        expect(phone.page.get_by_text("Phường đã nhận").first).to_be_visible()
        phone.loses_signal()
        self._finishes(phone, self.words[40:50])
        reports(phone, "ảnh gốc")
        hazards(phone, "ảnh chờ gửi")
        for _ in range(3):
            phone.goes_on()
        phone.page.get_by_text("Đã lưu trên máy này").wait_for()
        hazards(phone, "ảnh của bản nháp")
        phone.page.get_by_text("Nháp đã lưu lúc").wait_for()
        for words in (self.words[:10], self.words[10:20]):
            phone.opens("#/new/violation_report")
            phone.page.locator("#f-state_now").fill(" ".join(words))
            phone.page.get_by_text("Nháp đã lưu lúc").wait_for()
        phone.opens("#/")
        # Where the ward has no key yet, what is finished lies open until it is sent: only the rest is looked for.
        if not phone.looks()["facts"].get("seal"):
            self.words = self.words[:30]
        phone.page.locator(".hide").click()
        phone.page.locator(".month").wait_for()
        phone.page.reload()
        phone.page.locator(".month").wait_for()
        killable.kill()
        killable.forget()
        return killable.profile

    def _holder(self, killable: Killable) -> Holder:
        page = killable.starts()
        phone = Holder(self.releases, killable.context)
        page.close()
        return phone

    def _finishes(self, phone: Holder, words: list[str]) -> None:
        phone.opens("#/new/violation_report")
        phone.page.locator("#f-state_now").fill(" ".join(words[:5]))
        for _ in range(5):
            phone.goes_on()
        phone.page.get_by_text("Đã lưu trên máy này").wait_for()
        phone.records(" ".join(words[5:]))


@pytest.fixture
def life(releases: Releases, play: Playwright, tmp_path: Path) -> Life:
    return Life(releases, play, tmp_path)


def test_no_planted_word_lies_in_a_profile_that_is_shut(life: Life) -> None:
    life.releases.deploy()
    life.ward_sends()
    profile = life.is_lived()
    assert hits(profile, life.words) == {}
    assert pictures(profile) == []


@pytest.mark.parametrize(
    "plant",
    [
        Plant(
            f"{CLIENT}/store/kept.ts",
            'return { id: draft.id, box: await enclose("data", draft, `drafts ${draft.id}`) };',
            "return draft;",
        ),
        Plant(
            f"{CLIENT}/store/kept.ts",
            'return { id, version, box: await enclose("read", record, `records ${id}`) };',
            "void version; return record;",
        ),
        Plant(
            f"{CLIENT}/photos/shut.ts",
            "new Blob([await crypto.subtle.encrypt(",
            'new Blob([piece, ((..._: unknown[]) => "")(',
        ),
    ],
    ids=["drafts in the clear", "the ward's copies in the clear", "photos in the clear"],
)
def test_a_planted_bug_is_seen(life: Life, plant: Plant) -> None:
    life.releases.deploy(plant)
    life.ward_sends()
    profile = life.is_lived()
    assert hits(profile, life.words) or pictures(profile)
    life.releases.deploy()


def pictures(profile: Path) -> list[str]:
    """The files in which a picture lies that can be looked at."""
    files = [path for path in profile.rglob("*") if path.is_file()]
    return [str(path) for path in files if any(sign in data for data in layers(path.read_bytes()) for sign in OPEN)]


@pytest.mark.parametrize("way", sorted(spellings(planted(1, SEED)[0])), ids=str)
def test_the_search_sees_every_spelling(tmp_path: Path, way: bytes) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "000003.log").write_bytes(b"\x00\x01" + way + b"\xff")
    assert hits(tmp_path, planted(1, SEED)) == {"deep/000003.log": set(planted(1, SEED))}


def test_the_search_looks_into_what_is_packed(tmp_path: Path) -> None:
    (word,) = planted(1, SEED)
    text = word.encode()
    # Snappy: the word's middle as a copy of what stood before it, so that it lies nowhere in one piece.
    literals = [bytes([4 * 3]) + text[8:12], bytes([4 * 7]) + text[:8]]
    snappy = bytes([12 + len(text) - 8]) + b"".join(literals) + bytes([2 | 4 * 3, 12, 0])
    snappy += bytes([4 * (len(text) - 13)]) + text[12:]
    index = bytes([0, 1, 2]) + b"k" + bytes([0, len(snappy)]) + bytes(4) + (1).to_bytes(4, "little")
    place = len(snappy) + 5
    footer = (bytes(2) + bytes([place, len(index)])).ljust(40, b"\0") + bytes.fromhex("57fb808b247547db")
    table = snappy + b"\1" + bytes(4) + index + b"\0" + bytes(4) + footer
    assert text not in table
    (tmp_path / "000005.ldb").write_bytes(table)
    (tmp_path / "cache").write_bytes(b"x" + gzip.compress(text) + b"x")
    (tmp_path / "other").write_bytes(b"x" + zlib.compress(text))
    assert set(hits(tmp_path, [word])) == {"000005.ldb", "cache", "other"}
