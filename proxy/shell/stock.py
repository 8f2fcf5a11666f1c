"""mitmproxy without the addons that nobody here uses: importing all of them takes as long as all the rest of it.

Enters: nothing. Leaves: its package of addons, in which each is imported when it is named. What its `__init__` does
beside importing them all is to list them, for mitmproxy's own programs; who asks for that list gets it. To be called
before mitmproxy is imported; later, it does nothing.
"""

import importlib.util
import sys
from typing import Any, Final

ADDONS: Final = "mitmproxy.addons"


def spare() -> None:
    """Put the package in its place without running it; it is run when it is asked for more than its modules."""
    spec = importlib.util.find_spec(ADDONS)
    if ADDONS in sys.modules or spec is None or spec.loader is None:
        return
    loader, package = spec.loader, importlib.util.module_from_spec(spec)

    def missing(name: str) -> Any:
        if name.startswith("__") or importlib.util.find_spec(f"{ADDONS}.{name}"):
            raise AttributeError(name)  # one of its modules: whoever asks imports that
        del vars(package)["__getattr__"]
        loader.exec_module(package)
        return getattr(package, name)

    vars(package)["__getattr__"] = missing
    sys.modules[ADDONS] = package
    parent, _, last = ADDONS.rpartition(".")
    setattr(sys.modules[parent], last, package)
