"""The store on a Cluster, behind Sentinels and over TLS: real servers, and what was kept is there after a failover."""

import signal
import subprocess
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from proxy.demo.authority import NAME, blank_certificate, make_authority
from proxy.errors import StoreError
from proxy.store.address import Access, read_servers
from proxy.store.interface import Count, KeptKey, Sealed
from proxy.store.redis.look import look
from proxy.store.redis.store import RedisStore
from tests.ports import free_port
from tests.proxy.store.conftest import MASTER, open_redis
from tests.redis_servers import PASSWORD, RIGHTS, Server, needs_redis, open_guarded, until

pytestmark = needs_redis
NOW = datetime(2026, 11, 20, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
PLACE = "[PERSON_7K2F]"
ONE = {PLACE: Sealed(b"sealed", b"f")}


def live(store):
    """Use every part of a store, over many buckets."""
    people = [f"user:{number}" for number in range(40)]
    for number, who in enumerate(people):
        store.put_originals(who, ONE, LATER + number * timedelta(hours=1), NOW)
        store.add_key(who, "", KeptKey(b"i" * 16, 1, b"w"), NOW)
        store.put_answer(store.put_question(f"t{number}", who, b"q", LATER, NOW, 9), b"a")
    assert set(store.owners()) == set(people)
    assert store.vault_size().values == 40
    assert store.trim(30) == 10
    assert store.get_original("user:9", PLACE, NOW) is None and store.get_original("user:10", PLACE, NOW) == b"sealed"
    assert len(store.find_talks((f"t{number}" for number in range(60)), NOW)) == 40
    assert [turn.answer for turn in store.get_turns("t7")] == [b"a"]
    assert store.count_all([Count(f"c{number}", LATER, 1, 1) for number in range(40)]) == ""
    assert store.count_all([Count(f"c{number}", LATER, 1, None if number else 1) for number in range(40)]) == "c0"
    assert len(store.used(f"c{number}" for number in range(60))) == 40
    assert store.forget_talk("t7", NOW).turns == 1 and store.forget_owner("user:11", NOW).keys == 1
    assert store.purge(LATER + timedelta(days=9)) == 29
    assert store.used(["c1"]) == {} and store.get_turns("t3") == ()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    options = ("cluster-enabled yes", "cluster-node-timeout 2000", "cluster-require-full-coverage yes")
    options += ("cluster-allow-replica-migration no",)  # a node that has given its slots away stays one of the three
    nodes = []
    for number in range(3):
        port, bus = free_port(), free_port()
        nodes.append(Server(folder / str(number), *options, f"cluster-port {bus}", port=port))
    addresses = [f"127.0.0.1:{node.port}" for node in nodes]
    subprocess.run(
        ["redis-cli", "--cluster", "create", *addresses, "--cluster-yes"], check=True, capture_output=True, timeout=120
    )
    until(lambda: all(node.client.cluster("INFO")["cluster_state"] == "ok" for node in nodes), "a cluster")
    yield nodes
    for node in nodes:
        node.stop(signal.SIGKILL)


def on_cluster(nodes, prefix):
    hosts = ",".join(f"127.0.0.1:{node.port}" for node in nodes)
    return RedisStore(read_servers(f"redis+cluster://{hosts}"), MASTER, Access(prefix=prefix))


def test_a_cluster_keeps_everything_and_each_of_its_nodes_a_part(cluster):
    store = on_cluster(cluster, "live")
    live(store)
    assert all(node.client.dbsize() for node in cluster)
    assert len(look(store.redis)) == 3
    store.close()


def test_a_slot_that_moves_is_followed(cluster):
    store = on_cluster(cluster, "move")
    store.put_originals("u", ONE, LATER, NOW)
    assert store.count("c", LATER, 1, 2)
    with moved_on(cluster, "move"):
        assert store.get_original("u", PLACE, NOW) == b"sealed"
        assert store.count("c", LATER, 1, 2) and not store.count("c", LATER, 1, 2)
        assert store.purge(LATER) == 1
    store.close()


@contextmanager
def moved_on(cluster, prefix):
    """Let each slot that holds something of a store move to the next node, and back, whichever test comes next."""
    slots = {
        (number, node.client.cluster("KEYSLOT", key.decode()))
        for number, node in enumerate(cluster)
        for key in node.client.scan_iter(f"*{prefix}*")
    }
    assert len(slots) > 1
    for number, slot in slots:
        move(cluster, slot, cluster[number], cluster[(number + 1) % 3])
    assert not any(cluster[number].client.execute_command("CLUSTER GETKEYSINSLOT", slot, 1) for number, slot in slots)
    yield
    for number, slot in slots:
        move(cluster, slot, cluster[(number + 1) % 3], cluster[number])


def move(cluster, slot, source, target):
    """Move one slot, as `redis-cli --cluster reshard` does."""
    set_slot(target, slot, "IMPORTING", ident(source))
    set_slot(source, slot, "MIGRATING", ident(target))
    while keys := source.client.execute_command("CLUSTER GETKEYSINSLOT", slot, 100):
        source.client.execute_command("MIGRATE", "127.0.0.1", target.port, "", 0, 60_000, "KEYS", *keys)
    for node in (target, source, *cluster):
        set_slot(node, slot, "NODE", ident(target))


def set_slot(node, slot, *what):
    node.client.execute_command("CLUSTER SETSLOT", slot, *what)


def ident(node):
    return node.client.execute_command("CLUSTER MYID").decode()


def test_a_cluster_without_a_node_fails_promptly_and_works_again_with_it(cluster):
    store = on_cluster(cluster, "gone")
    assert store.count("c", LATER, 1, None)
    for node in cluster:
        node.stop(signal.SIGKILL)
    with pytest.raises(StoreError, match="cannot be used"):
        store.count("c", LATER, 1, None)
    for node in cluster:
        node.start()
    until(lambda: counts(store), "the cluster works again")
    store.close()


def counts(store):
    try:
        return store.count("again", LATER, 1, None)
    except StoreError:
        return False


@pytest.fixture
def guarded(tmp_path):
    with open_guarded(tmp_path) as servers:
        yield servers


def test_after_a_failover_under_load_all_that_was_kept_is_there(guarded):
    one, two, url = guarded.master, guarded.replica, guarded.url
    store = RedisStore(read_servers(url), MASTER, Access(PASSWORD, prefix="h", replicas=1))
    kept, stop, after = [], threading.Event(), threading.Event()

    def write(thread):
        number = 0
        while not stop.is_set():
            number += 1
            place = f"[P_{thread}_{number}]"
            try:
                store.put_originals("u", {place: Sealed(place.encode(), b"f")}, LATER, NOW)
            except StoreError:
                stop.wait(0.02)
            else:
                kept.append(place)

    threads = [threading.Thread(target=write, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    until(lambda: len(kept) > 200, "some work before")
    one.stop(signal.SIGKILL)
    plain = RedisStoreWithoutReplicas(url)
    until(lambda: plain() is not None, "the other one takes over")
    one.start()
    assert guarded.takes_changes() == two.port
    before = len(kept)
    until(lambda: len(kept) > before + 200, "some work after, with the old one as replica")
    after.set()
    stop.set()
    for thread in threads:
        thread.join()
    assert [place for place in kept if store.get_original("u", place, NOW) != place.encode()] == []
    store.close()


class RedisStoreWithoutReplicas:
    """Opens a store that takes changes, or nothing."""

    def __init__(self, url):
        self.servers = read_servers(url)

    def __call__(self):
        try:
            store = RedisStore(self.servers, MASTER, Access(PASSWORD, prefix="h"))
        except StoreError:
            return None
        store.close()
        return store


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A certificate authority, and what it has signed for a server and a client."""
    folder = tmp_path_factory.mktemp("tls")
    authority = make_authority(folder)
    (folder / "ca.pem").write_bytes(authority.pem.read_bytes())
    for name in ("server", "client"):
        key = ec.generate_private_key(ec.SECP256R1())
        made = blank_certificate(f"a {name}", NAME, key.public_key()).add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False
        )
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
        certificate = made.add_extension(issuer, critical=False).sign(authority.key, SHA256())
        (folder / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / f"{name}.key").write_bytes(pem)
    return folder


def test_tls_with_certificates_on_both_sides_and_a_user_with_few_rights(authority, tmp_path):
    rights = RIGHTS.replace("sluice:", "h:")
    port = free_port()
    server = Server(
        tmp_path,
        "port 0",
        f"tls-port {port}",
        f"tls-cert-file {authority / 'server.pem'}",
        f"tls-key-file {authority / 'server.key'}",
        f"tls-ca-cert-file {authority / 'ca.pem'}",
        "tls-auth-clients yes",
        f"user sluice on >{PASSWORD} {rights}",
        "user default off",
        port=port,
    )
    url = f"rediss://sluice@localhost:{port}/0"
    ours = {"ca": authority / "ca.pem", "certificate": authority / "client.pem", "key": authority / "client.key"}
    store = RedisStore(read_servers(url), MASTER, Access(PASSWORD, prefix="h", **ours))
    live(store)
    (seen,) = look(store.redis)
    assert (seen.eviction, seen.durable, seen.old) == ("noeviction", False, False) and abs(seen.clock) < 60
    store.close()
    strangers = [
        (url, Access(PASSWORD, prefix="h", ca=authority / "ca.pem")),  # no certificate of its own
        (
            url,
            Access(PASSWORD, prefix="h", certificate=ours["certificate"], key=ours["key"]),
        ),  # trusts another authority
        (url.replace("localhost", "127.0.0.1"), Access(PASSWORD, prefix="h", **ours)),  # another name
        (url.replace("rediss", "redis"), Access(PASSWORD, prefix="h")),  # in clear
    ]
    for where, access in strangers:
        with pytest.raises(StoreError, match="cannot be used") as caught:
            RedisStore(read_servers(where), MASTER, access)
        assert PASSWORD not in str(caught.value)
    server.stop()


def test_what_was_said_later_for_a_shorter_time_takes_nothing_of_what_was_kept_longer(redis_server):
    store = open_redis(redis_server, prefix="ends")
    store.put_end("u", "long", b"a", NOW + timedelta(hours=9), NOW, 9)
    store.put_end("u", "short", b"b", NOW + timedelta(hours=1), NOW, 9)
    store.put_end("u", "long", b"c", NOW + timedelta(hours=1), NOW, 9)
    hours = sorted(round(redis_server.client.pttl(key) / 3_600_000) for key in redis_server.client.keys("*ends*n*:*"))
    assert hours == [2, 10, 10], "what lists a person's places lasts as long as the longest of them"
    assert store.get_ends("u", "long", NOW + timedelta(hours=8)) == [b"a"]
    store.close()
