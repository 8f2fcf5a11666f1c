"""Authorities: the company's own is taken or refused for a reason, and a rotation leaves nobody without trust."""

import stat
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from mitmproxy.certs import CertStore

from proxy.errors import SettingsError
from proxy.keys import certificate_authority
from proxy.rollout.authority import Standing, gone, retire, stage, standings, still_signs, swap, take
from proxy.store.owner import owned

type Pair = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]
NOW = datetime.now(UTC)


def authority(name: str, above: Pair | None = None, *, able: bool = True, days: int = 365) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = above[0].subject if above else subject
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(NOW - timedelta(days=10)).not_valid_after(NOW + timedelta(days=days))
    builder = builder.add_extension(x509.BasicConstraints(ca=able, path_length=None), critical=True)
    return builder.sign(above[1] if above else key, hashes.SHA256()), key


def files(folder: Path, chain: Sequence[x509.Certificate], key: ec.EllipticCurvePrivateKey) -> tuple[Path, Path]:
    (folder / "chain.pem").write_bytes(b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain))
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(secret)
    return folder / "chain.pem", folder / "key.pem"


def roles(state: Path) -> list[str]:
    return [one.role for one in standings(state)]


def test_a_rotation_goes_from_next_to_current_to_old_to_gone(tmp_path: Path) -> None:
    certificate_authority(tmp_path, "node")
    first = standings(tmp_path)[0].fingerprint
    second = stage(tmp_path, "node").fingerprint
    assert roles(tmp_path) == ["current", "next"] and first != second
    with pytest.raises(SettingsError, match="a next authority already"):
        stage(tmp_path, "node")
    assert swap(tmp_path).fingerprint == second and roles(tmp_path) == ["current", "old"]
    certificate_authority(tmp_path, "node")
    assert standings(tmp_path)[0].pem in (tmp_path / "sluice-ca.pem").read_bytes()
    stage(tmp_path, "node")
    with pytest.raises(SettingsError, match="not over"):
        swap(tmp_path)
    assert gone(tmp_path) == ()
    retire(tmp_path)
    assert roles(tmp_path) == ["current", "next"]
    assert [one.fingerprint(hashes.SHA256()).hex(":").upper() for one in gone(tmp_path)] == [first]
    assert b"PRIVATE" not in b"".join(path.read_bytes() for path in (tmp_path / "ca-gone").iterdir())


def test_a_running_proxy_that_still_signs_with_the_old_one_keeps_it(tmp_path: Path) -> None:
    with owned(tmp_path):
        certificate_authority(tmp_path, "node")
        assert still_signs(tmp_path) is None
        stage(tmp_path, "node")
        swap(tmp_path)
        assert still_signs(tmp_path) == "old"
        with pytest.raises(SettingsError, match="restart it first"):
            retire(tmp_path)
    assert still_signs(tmp_path) is None, "nobody runs"
    with owned(tmp_path):
        certificate_authority(tmp_path, "node")
        assert still_signs(tmp_path) is None
        retire(tmp_path)


def test_who_hears_of_a_step_can_stop_it_and_nothing_has_changed(tmp_path: Path) -> None:
    heard: list[str] = []

    def stop(standing: Standing) -> None:
        heard.append(standing.fingerprint)
        raise SettingsError("no", "否")

    state = tmp_path / "state"
    made, key = authority("Corp")
    taken = files(tmp_path, [made], key)
    steps = (
        lambda: stage(state, "node", stop),
        lambda: take(state, *taken, stop),
        lambda: swap(state, stop),
        lambda: retire(state, stop),
    )
    for number, step in enumerate(steps):
        if number == 2:
            stage(state, "node")
        if number == 3:
            swap(state)
            stage(state, "node")
            swap(state)
        before = sorted(state.rglob("*"))
        with pytest.raises(SettingsError, match="no"):
            step()
        assert sorted(state.rglob("*")) == before or number == 0, number
        assert roles(state) == [[], [], ["next"], ["current", "old"]][number]
    assert len(set(heard)) == 3 and heard[2] == heard[3], "what was to be swapped in is the old one at the end"


def test_the_company_s_root_is_never_taken_from_clients(tmp_path: Path) -> None:
    root = authority("Company Root")
    middle = authority("Sluice", root)
    take(tmp_path, *files(tmp_path, [middle[0], root[0]], middle[1]))
    swap(tmp_path)
    stage(tmp_path, "node")
    swap(tmp_path)
    retire(tmp_path)
    assert gone(tmp_path) == (middle[0],)
    take(tmp_path, *files(tmp_path, [middle[0], root[0]], middle[1]))
    assert gone(tmp_path) == (), "taken up again, it is trusted again"
    for step in (retire, lambda state: swap(state) and swap(state)):
        with pytest.raises(SettingsError, match="there is no"):
            step(tmp_path)


def test_an_intermediate_of_the_company_signs_with_its_chain(tmp_path: Path) -> None:
    root = authority("Corp root")
    made, key = authority("Corp AI gateway", root)
    state = tmp_path / "state"
    taken = take(state, *files(tmp_path, [made, root[0]], key))
    assert taken.trusted == root[0] and roles(state) == ["next"]
    swap(state)
    certificate_authority(state, "node")
    private = state / "ca" / "mitmproxy-ca.pem"
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    store = CertStore.from_store(state / "ca", "mitmproxy", 2048)
    leaf = store.get_cert("api.openai.com", [], None)
    leaf.cert.to_cryptography().verify_directly_issued_by(made)
    assert [one.to_cryptography() for one in leaf.chain_certs][-1] == root[0]


def refusals(folder: Path) -> dict[str, tuple[tuple[Path, Path], str]]:
    def in_folder(name: str, chain: Sequence[x509.Certificate], key: ec.EllipticCurvePrivateKey) -> tuple[Path, Path]:
        (folder / name).mkdir()
        return files(folder / name, chain, key)

    root, other = authority("root"), authority("other")
    made, key = authority("gateway", root)
    leaf, leaf_key = authority("leaf", root, able=False)
    old, old_key = authority("old", root, days=-1)
    broken = in_folder("broken", [made], key)
    broken[0].write_text("no certificate")
    return {
        "a key of another": (in_folder("a", [made], other[1]), "is not the key"),
        "no authority": (in_folder("b", [leaf], leaf_key), "CA:TRUE"),
        "one that has ended": (in_folder("c", [old], old_key), "not valid today"),
        "a chain of strangers": (in_folder("d", [made, other[0]], key), "do not follow"),
        "no certificate": (broken, "PEM form"),
        "no file": ((folder / "gone", broken[1]), "cannot be read"),
    }


def test_what_cannot_sign_is_refused_with_the_reason_and_leaves_nothing(tmp_path: Path) -> None:
    for name, (given, told) in refusals(tmp_path).items():
        with pytest.raises(SettingsError, match=told):
            take(tmp_path / "state", *given)
        assert roles(tmp_path / "state") == [], name
