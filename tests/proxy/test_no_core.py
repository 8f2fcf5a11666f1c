"""No process that holds what people wrote leaves a core, or lets others read its memory."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

AFTERWARDS = """
import ctypes, resource
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""
"""PR_GET_DUMPABLE."""

PROCESSES = {
    "the proxy": "from proxy.no_core import leave_no_core; leave_no_core()",
    "detection": "from proxy.detecting.worker import confine; confine()",
    "documents": "from proxy.documents.worker import confine; confine(8 << 30)",
}


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux")
@pytest.mark.parametrize("name", PROCESSES)
def test_no_process_can_be_dumped(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROCESSES[name] + AFTERWARDS], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout == "(0, 0) 0\n", done.stderr
