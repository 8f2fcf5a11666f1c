"""mitmproxy's addons are imported by name; its own list of all of them is there for whoever asks."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

UNUSED = (
    "flask",
    "ldap3",
    "werkzeug.security",
    "mitmproxy.addons.savehar",
    "presidio_analyzer",
    "spacy",
    "onnxruntime",
)

BEHAVIOURS = {
    "the proxy runs without the addons that it does not name": (
        f"spare(); import proxy.cli.run; assert not [one for one in {UNUSED} if one in sys.modules], sys.modules.keys()"
    ),
    "an addon is the one that mitmproxy has, what there is not it has not, and its list is there for whoever asks": (
        "spare(); from mitmproxy.addons import core\n"
        "assert core is sys.modules['mitmproxy.addons.core'] and core.Core and 'ldap3' not in sys.modules\n"
        "import mitmproxy.addons\n"
        "try: mitmproxy.addons.nothing\n"
        "except AttributeError: pass\n"
        "else: raise AssertionError\n"
        "from mitmproxy.addons import default_addons\n"
        "assert 'mitmproxy.addons.savehar' in sys.modules and len(default_addons()) > 20\n"
        "assert mitmproxy.addons.default_addons is default_addons"
    ),
    "once mitmproxy is imported nothing changes": (
        "import mitmproxy.addons as before; spare(); import mitmproxy.addons as after\n"
        "assert before is after and 'default_addons' in vars(after)"
    ),
}


@pytest.mark.parametrize("code", BEHAVIOURS.values(), ids=BEHAVIOURS)
def test_of_mitmproxys_addons(code: str) -> None:
    script = f"import sys\nfrom proxy.shell.stock import spare\n{code}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr.decode()
