"""A module is had without its package, for us alone; what needs the package is told apart."""

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from detectors.borrow import Borrowed, NotAlone

FILES = {
    "__init__.py": "raise SystemError('the package was imported')",
    "base.py": "class Base:\n    def told(self): return 'base'",
    "deep/__init__.py": "raise SystemError('the package below was imported')",
    "deep/near.py": "BESIDE = 7",
    "deep/leaf.py": """
        import json
        from os.path import join
        from parcel import Base
        from parcel.base import Base as Same
        from .near import BESIDE
        assert Base is Same

        class Leaf(Base):
            def more(self):
                import string
                return join("a", string.digits), json.dumps(BESIDE)
    """,
    "deep/whole.py": "import parcel",
    "deep/more.py": "from parcel import Engine",
    "shelf/__init__.py": "from .one import One",
    "shelf/one.py": "class One: pass",
    "deep/broken.py": "1 / 0",
    "deep/missing.py": "from parcel.nowhere import X",
}


@pytest.fixture
def parcel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Borrowed:
    for name, text in FILES.items():
        path = tmp_path / "parcel" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    monkeypatch.syspath_prepend(str(tmp_path))
    return Borrowed("parcel", {"Base": "parcel.base"})


def test_a_module_is_had_without_its_package_and_python_knows_nothing_of_it(parcel: Borrowed) -> None:
    leaf = parcel.module("parcel.deep.leaf").Leaf()
    assert leaf.told() == "base" and leaf.more() == ("a/0123456789", "7")
    assert isinstance(leaf, parcel.module("parcel.base").Base), "a module is copied once"
    assert not [name for name in sys.modules if name.startswith("parcel")]


def test_a_package_below_is_had_with_what_it_imports(parcel: Borrowed) -> None:
    one = parcel.module("parcel.shelf").One
    assert one is parcel.module("parcel.shelf.one").One and one.__module__ == "parcel.shelf.one"


@pytest.mark.parametrize("name", ["whole", "more", "broken", "missing", "nowhere"])
def test_what_cannot_be_had_alone_says_so_each_time(parcel: Borrowed, name: str) -> None:
    for _ in range(2):
        with pytest.raises(NotAlone):
            parcel.module(f"parcel.deep.{name}")


def test_a_package_that_is_not_there_is_none() -> None:
    with pytest.raises(NotAlone):
        Borrowed("no_such_parcel", {}).module("no_such_parcel.base")


def test_others_import_the_package_as_ever() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from detectors.presidio_lent import lent\n"
            "assert lent('NhsRecognizer').validate_result('9434765919')\n"
            "import sys; assert 'presidio_analyzer' not in sys.modules\n"
            "from presidio_analyzer import AnalyzerEngine, predefined_recognizers as known\n"
            "assert known.NhsRecognizer().validate_result('9434765919')\n"
            "assert lent('NhsRecognizer').validate_result('9434765919')\n",
        ],
        capture_output=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
