"""Decisions about signing in: codes, delays, passphrases, how long a sign-in lasts. Pure."""

import ipaddress
import re
from datetime import date, datetime, timedelta

from app.identity.rights import ADMIN, COLLABORATOR, LEADER, OFFICER, OVERSEER
from app.vietnamese import fold

# Crockford's alphabet: no I, L, O, U, which people misread on paper.
CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 8
CODE_LIFE = timedelta(hours=72)
_NUMBER = re.compile(r"\+?[0-9][0-9 .()-]*$")
_MISREAD = str.maketrans("ILO", "110")

# A phone stays signed in as long as it calls at least twice a year: a lost sign-in in the field
# costs more than a lost phone, which the ward revokes. A desk is a shared room: short.
LIFE = {"phone": timedelta(days=180), "desk": timedelta(hours=12), "half": timedelta(minutes=10)}
DESK_IDLE = timedelta(minutes=60)
# How old `seen_at` may grow before it is written again; every request would be too many writes.
RENEW_AFTER = {"phone": timedelta(hours=1), "desk": timedelta(minutes=5)}

FREE_TRIES = 3
LONGEST_WAIT = 60
FORGET_FAILURES_AFTER = timedelta(days=1)

SHORTEST_PASSPHRASE = 12
LONGEST_PASSPHRASE = 200
# Folded and without spaces. Long passwords that people choose, and words of this project.
_COMMON_WORDS = """
matkhaumatkhau matkhaucuatoi matkhau123456 khongcomatkhau anhyeuemnhieu emyeuanhnhieu yeuemnhieulam conyeubome
chucmungnammoi vietnamvodich toiyeuvietnam hanoivietnam quanlongbien phuonglongbien phuongphucloi
phuongviethung phuongbode phuonghongha todanpho congtacvien treemnhuhoa baovetreem toamtoamtoam 123456789012
1234567890123 012345678901 0123456789012 987654321098 1234567890abc abcdefghijkl abcdefghijklm qwertyuiop12
qwertyuiop123 qwertyuiopasdf 1q2w3e4r5t6y 1qaz2wsx3edc asdfghjkl123 password1234 passwordpassword
password12345 iloveyou1234 correcthorsebatterystaple administrator administrator1 123123123123 112233445566
111222333444 121212121212 zaq12wsxcde3
"""
COMMON = frozenset(_COMMON_WORDS.split())

# Where each role can be held.
LEVELS_OF = {
    COLLABORATOR: frozenset({"group"}),
    OFFICER: frozenset({"ward", "commune"}),
    LEADER: frozenset({"ward", "commune"}),
    OVERSEER: frozenset({"city", "district"}),
    ADMIN: frozenset({"city", "district", "ward", "commune"}),
}


def span_fault(first: date, last: date | None, today: date) -> dict[str, str] | None:
    """What is wrong with the days of a role, as a field problem: nobody gets rights for a day that is over."""
    if first < today:
        return {"field": "first", "code": "in_past"}
    return {"field": "last", "code": "before_start"} if last is not None and last < first else None


def read_people(text: str) -> list[tuple[str, str]]:
    """Name and number of each line: "Nguyễn Thị Lan, 0912 000 007". What a line lacks comes out empty."""
    found = []
    for line in text.splitlines():
        number = _NUMBER.search(line)
        name = (line[: number.start()] if number else line).strip(" \t,;–-")
        if line.strip(" \t,;"):
            found.append((name, number[0].strip() if number else ""))
    return found


def read_code(text: str) -> str | None:
    """The code that a person typed, in its one spelling (ABCDEFGH), or None when it cannot be a code."""
    letters = "".join(text.upper().replace("-", "").split()).translate(_MISREAD)
    fits = len(letters) == CODE_LENGTH and all(letter in CODE_LETTERS for letter in letters)
    return letters if fits else None


def show_code(letters: str) -> str:
    """How a code is written for people: ABCD-EFGH."""
    return f"{letters[:4]}-{letters[4:]}"


def still_counted(failures: int, last_at: datetime, now: datetime) -> int:
    """Failures that still matter: a day without tries clears a bucket."""
    return 0 if now - last_at > FORGET_FAILURES_AFTER else failures


def seconds_to_wait(failures: int, last_at: datetime, now: datetime) -> int:
    """How long this bucket's next try has to wait: 1, 2, 4 … 60 seconds from the third failure on. Never for ever."""
    if failures < FREE_TRIES:
        return 0
    # The exponent is capped first: 2 ** 100000 would be a delay of our own.
    delay = min(2 ** min(failures - FREE_TRIES, 10), LONGEST_WAIT)
    left = (last_at + timedelta(seconds=delay) - now).total_seconds()
    return max(0, -int(-left // 1))


def network(address: str | None) -> str:
    """Which line a request came over: an IPv4 address, or the /64 that one IPv6 customer has."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def passphrase_problem(passphrase: str, name: str, phone: str | None) -> str | None:
    """Why a passphrase is refused: too_short, too_long or too_common; None when it will do.

    No rules about digits or capitals: they make passphrases worse. Length, and nothing that is guessed first.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        return "too_short"
    if len(passphrase) > LONGEST_PASSPHRASE:
        return "too_long"
    plain = fold(passphrase).replace(" ", "").lstrip("+")
    own = {fold(name).replace(" ", "")} | ({phone.lstrip("+"), "0" + phone[3:]} if phone else set())
    if plain in COMMON or len(set(plain)) < 4 or any(word and plain in (word, word * 2) for word in own):
        return "too_common"
    return None


_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("coc_coc", "Cốc Cốc"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "Mac"), ("Linux", "Linux"))
_ANDROID = re.compile(r"Android [\d.]+; ([^;)]{2,40}?)(?: Build/[^;)]*)?\)")


def device_name(label: str) -> str:
    """A short name for a list of phones: "SM-A105F · Chrome" out of a browser's long one; other labels as they are."""
    if not label.startswith("Mozilla/"):
        return label
    model = _ANDROID.search(label)
    # Newer Chromes say K for every model.
    system = (model[1] if model and model[1] != "K" else "Android") if "Android" in label else _first(_SYSTEMS, label)
    return " · ".join(part for part in (system, _first(_BROWSERS, label)) if part)


def _first(names: tuple[tuple[str, str], ...], label: str) -> str:
    return next((name for sign, name in names if sign in label), "")
