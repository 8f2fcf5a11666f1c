"""The programs that read what deploy/ holds; a test without its program skips and says what to install."""

import mmap
import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
UNPINNED = re.compile(r":latest$|^[^:@]+$")
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
    "docker-compose": "docker-compose",
    "dnsmasq": "dnsmasq-base",
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


def needed(library: Path) -> list[str]:
    """Return which libraries one of 64 bits is linked to: the entries NEEDED of its dynamic section."""
    with library.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        assert data[:6] == b"\x7fELF\x02\x01"
        (table,) = struct.unpack_from("<Q", data, 40)
        size, count = struct.unpack_from("<HH", data, 58)
        sections = [struct.unpack_from("<IIQQQQIIQQ", data, table + size * number) for number in range(count)]
        _, _, _, _, start, length, link, *_ = next(one for one in sections if one[1] == 6)  # SHT_DYNAMIC
        names = sections[link][4]
        tags = struct.iter_unpack("<QQ", data[start : start + length])
        places = [names + value for tag, value in tags if tag == 1]  # DT_NEEDED
        return [data[place : data.find(b"\0", place)].decode() for place in places]


def metrics_of(text: str) -> set[str]:
    """Return the metrics of ours that a text speaks of."""
    return {re.sub(r"_bucket$", "", name) for name in re.findall(r"\bsluice_[a-z_]+", text)}
