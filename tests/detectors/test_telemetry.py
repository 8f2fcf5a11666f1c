"""No process of ours tells the maker of onnxruntime anything: what it keeps for that is not there after a run."""

import os
import subprocess
import sys
from pathlib import Path

import onnxruntime
import pytest

LOAD = """
import onnxruntime
from pathlib import Path
import rapidocr
model = next(Path(rapidocr.__file__).parent.joinpath("models").glob("*_cls_*.onnx"))
onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
"""
"""What any program does; the model is one that is there."""

OURS = {
    "names": "from detectors.ner.session import choose_device; choose_device('cpu')",
    "export": "import proxy.inference.export",
    "files": "import proxy.documents.ocr",
    "proxy": "import proxy.shell.addon",
    "command line": "import proxy.cli.main",
}


def kept(folder: Path, code: str, **variables: str) -> list[str]:
    """Return what onnxruntime keeps in a home of its own for telemetry, after a program has run there."""
    bare = {name: value for name, value in os.environ.items() if name not in ("CI", "ORT_DISABLE_TELEMETRY")}
    there = {**bare, "HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache"), **variables}
    done = subprocess.run([sys.executable, "-c", code], env=there, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and ".onnxruntime" in path.parts)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere it keeps it in another place")
def test_onnxruntime_by_itself_keeps_a_mark_of_the_machine_to_tell_its_maker(tmp_path: Path) -> None:
    if tuple(map(int, onnxruntime.__version__.split(".")[:2])) < (1, 29):
        pytest.skip("this onnxruntime has no telemetry on Linux")
    assert "deviceid" in kept(tmp_path, LOAD)


@pytest.mark.parametrize("code", OURS.values(), ids=OURS)
def test_none_of_our_programs_lets_it(tmp_path: Path, code: str) -> None:
    assert kept(tmp_path, f"{code}\n{LOAD}") == []
