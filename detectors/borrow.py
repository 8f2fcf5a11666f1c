"""Imports single modules of a third-party package without running its `__init__`, which would import everything.

Enters: a module's name, and a table of where the package's own names are defined. Leaves: a private copy of the module.
The copy is not in `sys.modules`: no other import is touched, from whatever thread it comes. A module that needs more of
its package than the table has raises `NotAlone`; then the ordinary import must do.
"""

import builtins
import importlib.util
from collections.abc import Mapping, Sequence
from importlib.abc import InspectLoader
from importlib.machinery import ModuleSpec
from pathlib import Path
from threading import RLock
from types import ModuleType, SimpleNamespace
from typing import Any, Final


class NotAlone(Exception):
    """The module needs its whole package."""


class Borrowed:
    """Private copies of modules of one package."""

    def __init__(self, package: str, homes: Mapping[str, str]) -> None:
        """Take the package's name, and for each name importable from the package the module that defines it."""
        self._package: Final = package
        self._homes: Final = dict(homes)
        self._copies: Final[dict[str, ModuleType]] = {}
        self._lock: Final = RLock()

    def module(self, name: str) -> ModuleType:
        """Return the copy of a module, made once; raises `NotAlone`."""
        with self._lock:
            copy = self._copies.get(name)
            if copy is None:
                try:
                    copy = self._made(name)
                except Exception as error:
                    raise NotAlone(name) from error
            return copy

    def _made(self, name: str) -> ModuleType:
        place = self._folder().joinpath(*name.removeprefix(f"{self._package}.").split("."))
        whole = place.is_dir()  # a package below the package
        file = place / "__init__.py" if whole else place.with_suffix(".py")
        spec = importlib.util.spec_from_file_location(name, file)
        if spec is None or not isinstance(spec.loader, InspectLoader):
            raise NotAlone(name)
        code = spec.loader.get_code(name)
        if code is None:
            raise NotAlone(name)
        copy = ModuleType(name)
        copy.__spec__, copy.__file__ = spec, str(file)
        copy.__package__ = name if whole else name.rpartition(".")[0]
        vars(copy)["__builtins__"] = {**vars(builtins), "__import__": self._import}
        self._copies[name] = copy
        try:
            exec(code, vars(copy))
        except BaseException:
            del self._copies[name]
            raise
        return copy

    def _folder(self) -> Path:
        spec: ModuleSpec | None = importlib.util.find_spec(self._package)  # imports nothing: the package is a top one
        if spec is None or spec.origin is None:
            raise NotAlone(self._package)
        return Path(spec.origin).parent

    def _import(
        self,
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        """`__import__` of a copy: modules of the same package come as copies, all others as usual."""
        if level:
            name = importlib.util.resolve_name("." * level + name, str((globals or {})["__package__"]))
        if name.partition(".")[0] != self._package:
            return __import__(name, globals, locals, fromlist or (), 0)
        if not fromlist:
            raise NotAlone(name)
        if name != self._package:
            return self.module(name)
        return SimpleNamespace(**{one: getattr(self.module(self._homes[one]), one) for one in fromlist})
