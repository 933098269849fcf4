"""The phone's shell: its page, worker and manifest, and the built files behind /assets/."""

import json
import re
from functools import cache, partial
from typing import Any
from wsgiref.headers import Headers

from flask import Blueprint, Flask, Response, render_template, send_from_directory
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from app.config import ROOT, Settings
from app.http import HEADERS, json_answer
from app.i18n import t
from app.kinds.pictures import TYPES

bp = Blueprint("shell", __name__)
DIST = ROOT / "static" / "dist"
_HASHED = re.compile(r"-[A-Z0-9]{8}\.")


@cache
def assets() -> dict[str, str]:
    """Plain name -> address of the built file, for example app.js -> /assets/app-3F9A77B2.js."""
    path = DIST / "manifest.json"
    built: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return built


def _with_our_headers(headers: Headers, path: str, url: str) -> None:
    for name, value in HEADERS.items():
        headers[name] = value
    if url.startswith("/assets/lock-worker-"):
        # A worker has the policy of its own file. This one makes keys of codes by argon2id, and no page may do as much.
        headers["Content-Security-Policy"] = "default-src 'none'; script-src 'wasm-unsafe-eval'"


def serve_assets(app: Flask, settings: Settings) -> None:
    """Hashed files for ever from memory of their names, through whitenoise; proxies believed as far as set."""
    DIST.mkdir(parents=True, exist_ok=True)
    shelf = WhiteNoise(
        app.wsgi_app,
        root=str(DIST),
        prefix="assets/",
        allow_all_origins=False,
        immutable_file_test=lambda path, url: bool(_HASHED.search(url)),
        add_headers_function=_with_our_headers,
    )
    app.wsgi_app = ProxyFix(shelf, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies)  # type: ignore[method-assign]
    app.jinja_env.globals["asset"] = lambda name: assets().get(name, f"/assets/{name}")


@bp.get("/")
def landing() -> str:
    """Two doors: the phone's and the desk's."""
    return render_template("landing.html")


@bp.get("/app/")
def app_page() -> Response:
    """The shell page. The worker keeps it; it holds nobody's data."""
    parts = [path for name, path in assets().items() if name.startswith("app-part-")]
    answer = Response(render_template("app.html", parts=parts), mimetype="text/html")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@bp.get("/sw.js")
def worker() -> Response:
    """The service worker, always under this address, never cached."""
    answer = send_from_directory(DIST, "sw.js", mimetype="text/javascript", max_age=0)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Service-Worker-Allowed"] = "/app/"
    return answer


@bp.get("/app/manifest.webmanifest")
def manifest() -> Response:
    """What the browser needs to install the app."""
    answer = json_answer(web_manifest(assets()))
    answer.mimetype = "application/manifest+json"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def web_manifest(built: dict[str, str]) -> dict[str, Any]:
    """The manifest; shortcuts lead straight to the forms that anybody may see named on the sign."""

    icon = partial(_icon, built)
    shot = partial(_shot, built)
    return {
        "id": "/app/",
        "name": "Tổ Ấm",
        "short_name": "Tổ Ấm",
        "description": t("shell.description", "vi"),
        "lang": "vi",
        "start_url": "/app/",
        "scope": "/app/",
        "display": "standalone",
        "background_color": "#f4f2ec",
        "theme_color": "#14563f",
        "icons": [icon(size, purpose) for size in (192, 512) for purpose in ("any", "maskable")],
        "shortcuts": [
            {"name": t(f"shell.shortcut.{kind}", "vi"), "url": f"/app/#/new/{kind}", "icons": [icon(192, "any")]}
            for kind in ("hazard_site", "child_visit")
        ],
        # Pictures from the phone's gallery: the worker takes them, they never reach this server.
        "share_target": {
            "action": "/app/shared",
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {"files": [{"name": "photos", "accept": list(TYPES)}]},
        },
        "screenshots": [
            shot("screen-home.png", "720x1480", "narrow", t("shell.screen.home", "vi")),
            shot("screen-form.png", "720x1480", "narrow", t("shell.screen.form", "vi")),
            shot("screen-desk.png", "1280x800", "wide", t("shell.screen.desk", "vi")),
        ],
    }


def _icon(built: dict[str, str], size: int, purpose: str) -> dict[str, str]:
    name = f"icon-{size}.png" if purpose == "any" else f"icon-{size}-maskable.png"
    src = built.get(name, f"/assets/{name}")
    return {"src": src, "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}


def _shot(built: dict[str, str], name: str, size: str, form: str, label: str) -> dict[str, str]:
    src = built.get(name, f"/assets/{name}")
    return {"src": src, "sizes": size, "type": "image/png", "form_factor": form, "label": label}
