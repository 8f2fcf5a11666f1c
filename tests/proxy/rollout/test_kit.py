"""A kit of trust is taken by the programs that it is for, and no key is in it."""

import base64
import json
import os
import plistlib
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from proxy.demo.authority import Authority, make_authority, server_context
from proxy.keys import certificate_authority
from proxy.rollout.authority import stage, standings
from proxy.rollout.kit import Ways, kit

HOST = "api.openai.com"
WAYS = Ways("proxy.corp.example:8080", "http://proxy.corp.example:8081/proxy.pac")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def folder(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A kit on disk, of two authorities: the one that signs, and the one after it."""
    made = tmp_path_factory.mktemp("kit")
    another = make_authority(made / "next")
    for name, data in kit(
        [authority.certificate, another.certificate], Path(certifi.where()).read_bytes(), WAYS
    ).items():
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_bytes(data)
    return made


@pytest.fixture(scope="module")
def port(authority: Authority) -> Iterator[int]:
    """A server whose certificate the authority has signed."""
    context = server_context(authority, (HOST, "localhost"))
    context.set_alpn_protocols(["http/1.1"])
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                plain, _ = listening.accept()
            except OSError:
                return
            with suppress(OSError), context.wrap_socket(plain, server_side=True) as one:
                one.recv(10_000)
                one.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")

    threading.Thread(target=serve, daemon=True).start()
    yield listening.getsockname()[1]
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()


def have(program: str, package: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed: apt-get install {package} (Debian)")
    return found


def variables(folder: Path) -> dict[str, str]:
    """Return what the script for shells exports, with the kit's own folder in place of the client's."""
    shell = (folder / "linux" / "sluice-proxy.sh").read_text().replace("/usr/local/share/sluice", str(folder))
    done = subprocess.run(
        ["/bin/sh", "-c", f"{shell}\nenv"], capture_output=True, text=True, check=True, env={"PATH": "/usr/bin:/bin"}
    )
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "_" in line and "PROXY" not in line.upper())


NODE = "require('https').get({host:'localhost',port:+process.argv[1]},r=>r.on('data',d=>console.log(String(d))))"
PYTHON = (
    "import ssl,urllib.request,sys;print(urllib.request.urlopen(f'https://localhost:{sys.argv[1]}').read().decode())"
)
CLIENTS = {
    "node": ("nodejs", ("-e", NODE)),
    "python3": ("python3", ("-c", PYTHON)),
    "curl": ("curl", ("-sS", "--http1.1")),
}


@pytest.mark.parametrize("name", CLIENTS)
def test_programs_trust_it_by_their_variables_and_not_without(folder: Path, port: int, name: str) -> None:
    package, words = CLIENTS[name]
    last = f"https://localhost:{port}" if name == "curl" else str(port)
    for trust, works in ((variables(folder), True), ({}, False)):
        done = subprocess.run(
            [have(name, package), *words, last],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
            env={**trust, "PATH": os.environ["PATH"]},
        )
        assert (done.returncode == 0 and done.stdout.strip() == "ok") is works, done.stderr


@pytest.mark.parametrize(
    ("name", "words"), [("git", ("ls-remote", "{0}/x.git")), ("cargo", ("search", "x", "--index", "sparse+{0}/"))]
)
def test_git_and_rusts_tools_trust_it_by_their_variables_and_not_without(
    folder: Path, port: int, tmp_path: Path, name: str, words: tuple[str, ...]
) -> None:
    """What the server says is no answer to them; what counts is whether they listen to it."""
    program, server = have(name, name), f"https://localhost:{port}"
    here = {"HOME": os.environ.get("HOME", "/"), "PATH": os.environ["PATH"], "CARGO_HOME": str(tmp_path)}
    for trust, works in ((variables(folder), True), ({}, False)):
        done = subprocess.run(
            [program, *(word.format(server) for word in words)],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
            cwd=tmp_path,
            env={**here, **trust},
        )
        assert ("certificate" not in done.stderr) is works, done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone may put policies where Chromium looks for them")
def test_chromium_trusts_it_by_its_policy_and_not_without(folder: Path, port: int, tmp_path: Path) -> None:
    chromium = have("chromium", "chromium")
    policy = json.loads((folder / "chrome" / "sluice.json").read_text())
    (tmp_path / "policies" / "managed").mkdir(parents=True)
    there = tmp_path / "policies" / "managed" / "sluice.json"
    # the way to the proxy is left out: here is none
    there.write_text(json.dumps({name: value for name, value in policy.items() if name != "ProxySettings"}))
    words = f"{chromium} --headless --no-sandbox --disable-gpu --user-data-dir={tmp_path}/profile --dump-dom"
    # the place of the system's policies is another one for this process alone
    script = f"mount --bind {tmp_path} /etc/chromium && exec {words} https://localhost:{port}"
    Path("/etc/chromium").mkdir(exist_ok=True)
    for works in (True, False):
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-ec", script], check=False, capture_output=True, text=True, timeout=120
        )
        assert (">ok<" in done.stdout) is works, done.stdout + done.stderr[-2000:]
        there.unlink(missing_ok=True)


def test_public_sites_stay_trusted_in_the_bundle(folder: Path) -> None:
    context = ssl.create_default_context(cafile=str(folder / "sluice-bundle.pem"))
    plain = ssl.create_default_context(cafile=certifi.where())
    assert context.cert_store_stats()["x509_ca"] == plain.cert_store_stats()["x509_ca"] + 2


def test_java_takes_it(folder: Path, tmp_path: Path) -> None:
    keytool = Path(have("keytool", "default-jre-headless")).resolve()
    store = tmp_path / "cacerts"
    fewer = tmp_path / "fewer"
    shutil.copytree(folder / "certificates", fewer / "certificates")
    shutil.copytree(folder / "java", fewer / "java")
    (fewer / "certificates" / "sluice-ca-1.crt").rename(fewer / "certificates" / "sluice-ca-3.crt")
    for made in (fewer, folder, folder):  # again after a rotation
        subprocess.run(
            ["sh", str(made / "java" / "install.sh"), str(keytool.parents[1])],
            check=True,
            capture_output=True,
            env={**os.environ, "SLUICE_KEYSTORE": str(store)},
        )
    listed = subprocess.run(
        [str(keytool), "-list", "-keystore", str(store), "-storepass", "changeit"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert listed.stdout.count("trustedCertEntry") == 2 and "sluice-ca-3" not in listed.stdout


def test_chromiums_store_takes_it(folder: Path, tmp_path: Path) -> None:
    certutil = have("certutil", "libnss3-tools")
    subprocess.run([certutil, "-N", "-d", f"sql:{tmp_path}", "--empty-password"], check=True)
    words = ["-A", "-t", "C,,", "-n", "sluice", "-i", str(folder / "certificates" / "sluice-ca-1.crt")]
    subprocess.run([certutil, "-d", f"sql:{tmp_path}", *words], check=True)
    assert (
        "sluice"
        in subprocess.run([certutil, "-L", "-d", f"sql:{tmp_path}"], check=False, capture_output=True, text=True).stdout
    )


def test_the_script_for_linux_puts_everything_in_its_place(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "usr" / "local" / "share" / "ca-certificates").mkdir(parents=True)
    for _ in range(2):
        subprocess.run(
            ["sh", str(folder / "linux" / "install.sh")], check=True, env={**os.environ, "SLUICE_ROOT": str(tmp_path)}
        )
    there = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert {
        "usr/local/share/ca-certificates/sluice-ca-2.crt",
        "usr/local/share/sluice/sluice-bundle.pem",
        "etc/profile.d/sluice-proxy.sh",
        "etc/firefox/policies/policies.json",
        "etc/chromium/policies/managed/sluice.json",
    } <= there


def test_a_later_kit_takes_from_a_client_what_it_does_not_hold_any_more(tmp_path: Path) -> None:
    certutil, state = have("certutil", "libnss3-tools"), tmp_path / "state"
    certificate_authority(state, "node")
    stage(state, "node")
    stolen, fresh = (one.trusted for one in standings(state))
    for folder, trusted, dropped in (("both", [fresh, stolen], []), ("later", [fresh], [stolen])):
        for name, data in kit(trusted, b"", WAYS, dropped).items():
            (tmp_path / folder / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / folder / name).write_bytes(data)
    client, anchors = tmp_path / "client", tmp_path / "client" / "usr" / "local" / "share" / "ca-certificates"
    anchors.mkdir(parents=True)
    (anchors / "another.crt").write_text("not ours")
    profile = client / "home" / "wangfang" / ".mozilla" / "firefox" / "x.default"
    profile.mkdir(parents=True)
    subprocess.run([certutil, "-N", "-d", f"sql:{profile}", "--empty-password"], check=True)
    for number in (1, 2):
        file = tmp_path / "both" / "certificates" / f"sluice-ca-{number}.crt"
        words = ["-A", "-t", "C,,", "-n", f"Sluice CA {number}", "-i", str(file)]
        subprocess.run([certutil, "-d", f"sql:{profile}", *words], check=True)
    for made in ("both", "later"):
        script = ["sh", str(tmp_path / made / "linux" / "install.sh")]
        subprocess.run(script, check=True, env={**os.environ, "SLUICE_ROOT": str(client)})
    assert {path.name for path in anchors.iterdir()} == {"another.crt", "sluice-ca-1.crt"}
    assert not (client / "usr" / "local" / "share" / "sluice" / "sluice-ca-2.crt").exists()
    listed = subprocess.run([certutil, "-L", "-d", f"sql:{profile}"], check=True, capture_output=True, text=True).stdout
    assert "Sluice CA 1" in listed and "Sluice CA 2" not in listed
    chrome = json.loads((tmp_path / "later" / "chrome" / "sluice.json").read_text())
    forbidden = [x509.load_der_x509_certificate(base64.b64decode(one)) for one in chrome["CADistrustedCertificates"]]
    der = x509.load_der_x509_certificate(next((tmp_path / "later" / "gone").glob("*.cer")).read_bytes())
    assert forbidden == [stolen] == [der]
    assert "CADistrusted" not in (tmp_path / "both" / "chrome" / "sluice.json").read_text()


def test_profiles_hold_the_certificates_and_stay_the_same(folder: Path, authority: Authority) -> None:
    der = authority.certificate.public_bytes(Encoding.DER)
    profile = plistlib.loads((folder / "macos" / "sluice.mobileconfig").read_bytes())
    assert [one["PayloadType"] for one in profile["PayloadContent"]] == ["com.apple.security.root"] * 2
    assert profile["PayloadContent"][0]["PayloadContent"] == der
    intune = json.loads((folder / "windows" / "intune-sluice-ca-1.json").read_text())
    assert base64.b64decode(intune["trustedRootCertificate"]) == der
    chrome = json.loads((folder / "chrome" / "sluice.json").read_text())
    assert base64.b64decode(chrome["CACertificates"][0]) == der and chrome["QuicAllowed"] is False
    assert chrome["ProxySettings"]["ProxyPacUrl"] == WAYS.pac
    firefox = json.loads((folder / "firefox" / "policies.json").read_text())["policies"]
    assert len(firefox["Certificates"]["Install"]) == 2 and firefox["Proxy"]["Locked"] is True
    assert (
        x509.load_der_x509_certificate((folder / "windows" / "sluice-ca-1.cer").read_bytes()) == authority.certificate
    )
    again = kit([authority.certificate], b"")
    assert again["macos/sluice.mobileconfig"] == kit([authority.certificate], b"")["macos/sluice.mobileconfig"]


def test_no_key_is_in_it_and_nothing_is_left_to_fill_in(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file() and path.parent.name != "next":
            data = path.read_bytes()
            assert b"PRIVATE KEY" not in data and b"@PROXY@" not in data and b"@BELOW@" not in data, path


def test_without_a_proxy_the_kit_names_none(authority: Authority) -> None:
    made = kit([authority.certificate], b"")
    assert "ProxySettings" not in json.loads(made["chrome/sluice.json"])
    assert b'if [ -n "" ]' in made["linux/sluice-proxy.sh"]
