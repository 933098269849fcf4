"""The examples under deploy/ speak of the program as it is."""

import re
import runpy

import pytest

from app.config import ROOT, from_env
from campaigns.server import WORDS

DEPLOY = ROOT / "deploy"
PROXIES = {
    "Caddyfile": r"@inside path /metrics /readyz\s+respond @inside 404",
    "nginx.conf": r"= /metrics { return 404; }",
}


def read(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def test_the_environment_is_one_that_the_server_starts_with() -> None:
    given = dict(line.split("=", 1) for line in read("to-am.env.example").splitlines() if line and line[0] != "#")
    settings = from_env({**given, "TO_AM_SECRET_KEY": given["TO_AM_SECRET_KEY"] or "k" * 48})
    assert settings.production and settings.json_logs and settings.proxies == 1


@pytest.mark.parametrize("name", ["to-am.service", "Containerfile"])
def test_it_starts_the_server_of_the_readme_after_its_tables(name: str) -> None:
    text = read(name)
    assert f"gunicorn {' '.join(WORDS)}" in text
    assert text.index("flask --app wsgi setup") < text.index("gunicorn -c")


def test_systemd_waits_longer_than_the_server_takes_to_finish() -> None:
    grace = runpy.run_path(str(ROOT / "serving.py"))["graceful_timeout"]
    assert int(re.findall(r"^TimeoutStopSec=(\d+)$", read("to-am.service"), re.MULTILINE)[0]) > grace
    assert int(re.findall(r"--stop-timeout (\d+)", read("Containerfile"))[0]) > grace


@pytest.mark.parametrize("name", PROXIES)
def test_no_proxy_lets_the_figures_out_or_lets_a_client_name_a_request(name: str) -> None:
    text = read(name)
    assert re.search(PROXIES[name], text)
    assert re.search(r"X-Request-ID (\{http\.request\.uuid\}|\$request_id)", text)
    assert "100s" in text, "a phone waits 60 s"
