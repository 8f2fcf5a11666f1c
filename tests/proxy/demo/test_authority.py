import ssl

import pytest
from cryptography import x509

from proxy.demo.authority import NAME, make_authority, server_context


def test_each_authority_is_new_and_says_that_nobody_should_trust_it(tmp_path) -> None:
    first, second = make_authority(tmp_path / "a"), make_authority(tmp_path / "b")
    assert first.pem.read_bytes() != second.pem.read_bytes()
    assert "trust it nowhere" in NAME
    certificate = x509.load_pem_x509_certificate(first.pem.read_bytes())
    assert (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days <= 1


def test_private_keys_are_for_their_owner_alone(tmp_path) -> None:
    authority = make_authority(tmp_path)
    server_context(authority, ("localhost",))
    (leaf,) = set(tmp_path.iterdir()) - {authority.pem}
    assert leaf.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("host", "shown"), [("localhost", True), ("elsewhere.example", False)])
def test_a_client_that_trusts_it_accepts_its_hosts_and_no_others(tmp_path, host: str, shown: bool) -> None:
    authority = make_authority(tmp_path)
    server = server_context(authority, ("localhost",))
    client = ssl.create_default_context(cafile=str(authority.pem))
    assert shown is shakes_hands(server, client, host)


def shakes_hands(server: ssl.SSLContext, client: ssl.SSLContext, host: str) -> bool:
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=host),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    done = set()
    for _ in range(8):
        for end in ends:
            try:
                end.do_handshake()
                done.add(end)
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLError:
                return False
    return len(done) == 2
