"""The record kinds: one file each, found by their KIND, refused at start when a phone could not check them."""

import hashlib
import importlib
import importlib.util
import json
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType

from app.kinds.form_spec import JsonObject, form_spec
from app.kinds.rules import faults
from app.kinds.vocabulary import Kind

# Modules of this package that read the registry, so they come after it.
_READERS = frozenset({"docs"})


class KindError(Exception):
    """A kind file that must not start: every fault, one a line."""


class Registry(Mapping[str, Kind]):
    """The kinds by code, in the order of the phone's home page.

    `forms` are their form specs, `forms_tag` changes whenever one of them does.
    """

    def __init__(self) -> None:
        self._kinds: dict[str, Kind] = {}
        self.forms: list[JsonObject] = []
        self.forms_tag = ""

    def load(self, extra_dirs: Iterable[Path | str] = ()) -> None:
        """Read the kinds of this package and of the *.py files of other folders, in place of those known.

        Raises KindError, and then keeps what it had.
        """
        names = [found.name for found in pkgutil.iter_modules(__path__) if found.name not in _READERS]
        modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
        modules += [_module(file) for folder in extra_dirs for file in _files(Path(folder))]
        kinds = [module.KIND for module in modules if isinstance(getattr(module, "KIND", None), Kind)]
        found = faults(kinds)
        if found:
            raise KindError("\n".join(found))
        self._kinds = {kind.code: kind for kind in sorted(kinds, key=lambda kind: (kind.order, kind.code))}
        self.forms = [form_spec(kind) for kind in self.values()]
        self.forms_tag = hashlib.sha256(json.dumps(self.forms).encode()).hexdigest()

    def __getitem__(self, code: str) -> Kind:
        return self._kinds[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kinds)

    def __len__(self) -> int:
        return len(self._kinds)


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise KindError(f"{folder}: no such folder of record kinds")
    return sorted(folder.glob("*.py"))


def _module(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"kind_{file.stem}", file)
    if spec is None or spec.loader is None:
        raise KindError(f"{file}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


registry = Registry()
registry.load()
