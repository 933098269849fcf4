"""The indicators: one file each, found by its INDICATOR. Another one is another file here, and its words."""

import importlib
import pkgutil
from functools import cache

from app.overview.shape import Indicator


@cache
def indicators() -> dict[str, Indicator]:
    """All of them by code, in the order of the page."""
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    found = [module.INDICATOR for module in modules if isinstance(getattr(module, "INDICATOR", None), Indicator)]
    return {one.code: one for one in sorted(found, key=lambda one: (one.order, one.code))}
