"""The PAC file, run by a real JavaScript engine: hosts of AI services go to the proxies alone, all others directly."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from proxy.rollout.pac import script
from proxy.services.catalogue import load_catalogue

PROXIES = (("proxy-1.corp.example", 8080), ("fd00::1", 8080))
NAMED = "PROXY proxy-1.corp.example:8080; PROXY [fd00::1]:8080"
CATALOGUE = load_catalogue()


def run(hosts: list[str], folder: Path, text: str = "") -> list[str]:
    """Return what the script answers for each host."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: apt-get install nodejs (Debian), see .ci/system-packages")
    text = text or script(CATALOGUE, PROXIES, ["partner.example"])
    asked = f"console.log(JSON.stringify({json.dumps(hosts)}.map(h => FindProxyForURL('https://' + h + '/', h))));"
    (folder / "pac.js").write_text(f'"use strict";\n{text}\n{asked}')
    done = subprocess.run([node, str(folder / "pac.js")], capture_output=True, timeout=60, check=True)
    return json.loads(done.stdout)


def test_every_host_of_the_catalogue_goes_to_the_proxies_and_nowhere_else(tmp_path: Path) -> None:
    scoped = [*CATALOGUE.exact_scopes, *(f"a.{host}" for host in CATALOGUE.wild_scopes)]
    hosts = [*CATALOGUE.exact, *CATALOGUE.suffix, *(f"a.b.{host}" for host in CATALOGUE.suffix), *scoped]
    assert len(hosts) > 1000
    answers = dict(zip(hosts, run(hosts, tmp_path), strict=True))
    assert {host: answer for host, answer in answers.items() if answer != NAMED} == {}


SPELLINGS = ["API.OpenAI.com", "api.openai.com.", "bedrock-runtime.us-east-1.amazonaws.com", "a.partner.example"]
OTHERS = [
    *("example.com", "intranet", "", "10.0.0.1", "localhost", "openai.com.example", "notopenai.com", "com"),
    *("constructor", "__proto__", "toString", "a.constructor", "hasOwnProperty"),
]


def test_however_it_is_spelt(tmp_path: Path) -> None:
    assert run(SPELLINGS, tmp_path) == [NAMED] * len(SPELLINGS)


def test_all_others_go_directly(tmp_path: Path) -> None:
    assert run(OTHERS, tmp_path) == ["DIRECT"] * len(OTHERS)


def test_it_says_what_the_catalogue_says(tmp_path: Path) -> None:
    hosts = [*SPELLINGS[:3], *OTHERS, "chatgpt.com", "www.google.com", "x.sagemaker.eu-west-1.amazonaws.com"]
    for host, answer in zip(hosts, run(hosts, tmp_path), strict=True):
        assert (answer == NAMED) == CATALOGUE.intercepts(host), host


def test_a_script_asks_no_resolver_and_names_no_way_round() -> None:
    text = script(CATALOGUE, PROXIES)
    assert not [word for word in ("dnsResolve", "isInNet", "myIpAddress", "let ", "=>") if word in text]
    assert text.count("DIRECT") == 1
