"""The programs that read what deploy/ holds; a test without its program skips and says what to install."""

import shutil
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
PLACES = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PACKAGES = {
    "promtool": "prometheus",
    "prometheus": "prometheus",
    "nft": "nftables",
    "haproxy": "haproxy",
    "systemd-analyze": "systemd",
    "ip": "iproute2",
    "unshare": "util-linux",
    "curl": "curl",
    "kubectl": "kubernetes-client",
}


def tool(name: str) -> str:
    """Return the path of a program."""
    found = shutil.which(name, path=PLACES)
    if found is None:
        pytest.skip(f"{name} is not installed: apt-get install {PACKAGES[name]} (Debian), see .ci/system-packages")
    return found


def run(*words: str, ok: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a program and return what it says; fails where it does not end well."""
    done = subprocess.run([tool(words[0]), *words[1:]], capture_output=True, text=True, timeout=120, check=False)
    if ok:
        assert done.returncode == 0, done.stdout + done.stderr
    return done
