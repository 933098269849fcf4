"""What is the same in all applications of the tests and is made once for them: each test makes an application anew."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class _Compiled(BytecodeCache):
    """Keeps compiled templates in memory, by the template's name and the hash of its text."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        kept = self._kept.get((bucket.key, bucket.checksum))
        if kept is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


_COMPILED = {escaped: _Compiled() for escaped in (True, False)}  # whether HTML is escaped is part of the code
_BUILDERS: dict[Any, Callable[..., Any]] = {}
_compile_builder = Rule._compile_builder


def _builder(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
    """The function that puts a route's address together. It is compiled code, and asks the rule for all else."""
    told = rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown
    if told not in _BUILDERS:
        _BUILDERS[told] = _compile_builder(rule, append_unknown)
    return _BUILDERS[told]


Rule._compile_builder = _builder  # type: ignore[method-assign]


def share(app: Flask) -> None:
    """Let an application use the templates that another one compiled."""
    app.jinja_env.bytecode_cache = _COMPILED[app.select_jinja_autoescape("page.html")]
