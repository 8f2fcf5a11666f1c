"""The laws of the house, read from its source: who imports whom, who looks out of a window, how long a file is."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.rows import each

ROOT = Path(__file__).parents[1]
PACKAGES = ("detectors", "policies", "proxy")
MAY_IMPORT = {
    "detectors": {"detectors"},
    "policies": {"detectors", "policies"},
    "proxy": {"detectors", "policies", "proxy"},
}
"""Imports run one way."""

WALL = 400
"""Lines of a file."""

NETWORK = {
    *("socket", "socketserver", "ssl", "http", "urllib.request", "ftplib", "smtplib", "asyncio", "selectors"),
    *("requests", "httpx", "aiohttp", "urllib3", "websockets"),
}

WINDOWS = {
    "proxy.shell.addon": "mitmproxy's hooks",
    "proxy.overload.admission": "turns are waited for on the event loop",
    "proxy.overload.connections": "mitmproxy's connections of clients",
    "proxy.overload.doorkeeper": "the clock of its deadlines, and the event loop",
    "proxy.overload.machine": "the machine's own limits",
    "proxy.overload.memory": "the C library, and pauses between looks",
    "proxy.overload.reading": "worker threads, and the clock of their deadlines",
    "proxy.shell.stream": "the clock of a body's deadlines, as a default",
    "proxy.websocket.ask_inside": "the company's model servers",
    "proxy.shell.master": "mitmproxy, started",
    "proxy.answers.hosts": "its own list of domains",
    "proxy.gate": "names, resolved",
    "proxy.no_core": "this process's limits",
    "proxy.scratch": "folders for a while",
    "proxy.internal.upstreams": "connections of mitmproxy",
    "proxy.assemble": "opens everything once, at the start",
    "proxy.keys": "the state directory's keys",
    "proxy.store.owner": "the lock of the state directory",
    "proxy.ledger": "the store and the log, behind their interfaces",
    "proxy.trail.sinks": "the audit file",
    "proxy.trail.signer": "the key that signs, and the public keys",
    "proxy.trail.notary": "the audit file, and the file of checkpoints",
    "proxy.trail.witness": "witnesses outside",
    "proxy.trail.messenger": "the file that says how witnesses stand",
    "proxy.trail.collector": "the socket and the file of a witness",
    "proxy.trail.verify": "the files that an auditor names",
    "proxy.siem.follow": "the audit file, read as it grows",
    "proxy.siem.mark": "the file that says where an export left off",
    "proxy.siem.wire": "syslog servers, and standard output",
    "proxy.siem.shipper": "the clock of what has settled, and pauses between tries",
    "proxy.keyring": "the vault's key files",
    "proxy.runlog": "standard error",
    "proxy.services.catalogue": "loads its YAML",
    "proxy.settings.read": "loads the settings file",
    "proxy.settings.read_values": "reads files that hold a secret",
    "proxy.settings.read_redis": "likewise",
    "proxy.store.sqlite": "the store",
    "proxy.store.database": "the store's file",
    "proxy.store.schema": "the store's tables",
    "proxy.store.workflow": "the store",
    "proxy.store.redis.connection": "the servers of Redis, and the clock of how long they are left alone",
    "proxy.store.redis.formats": "the clock of when a running node looks again",
    "proxy.store.redis.look": "the servers of Redis, and the clock to compare with theirs",
    "proxy.internal.watcher": "the company's model servers, commands and files that give keys, the file of states",
    "proxy.workflow.clock": "the clock that cannot be set, as a default",
    "proxy.workflow.courier": "the webhook and the mail server",
    "proxy.adapters.examples": "loads its YAML",
    "proxy.canary.spoken": "likewise",
    "proxy.canary.talk": "a connection through the proxy",
    "proxy.canary.flight": "the proxy, as its clients see it, and the audit log",
    "proxy.canary.watch": "randomness of marks",
    "proxy.canary.state": "the file that says how the last round of self-tests ended",
    "proxy.capture.mask": "loads its list of words",
    "proxy.capture.tap": "mitmproxy, started for a recording",
    "policies.load": "loads the policy and its lists of terms",
    "detectors.build_cache": "the cache of what is worked out from patterns",
    "detectors.presidio_lent": "the text of Presidio's package of recognizers",
    "detectors.allowance": "the clock of its deadlines, as a default argument",
    "detectors.effort": "the clocks of threads and processes, and that on the wall",
    "detectors.vault": "randomness of the nonce, as a default argument",
    "detectors.rulebook": "loads its YAML",
    "detectors.traditional": "loads its table",
    "detectors.technical": "loads its table",
    "detectors.ner.known": "loads its lists",
    "detectors.ner.remember": "a key of this process for digests",
    "detectors.secrets_page": "writes its page",
    "detectors.detectors_page": "writes its page",
    "detectors.key_file": "files of keys",
    "detectors.company.keys": "randomness of a seal",
    "detectors.company.index_file": "the files of indexes",
    "detectors.company.exact_build": "rows in sorted runs on disk",
    "detectors.company.fingerprint_build": "what is done of a build",
    "detectors.ner.batch": "the clock of its deadlines, as a default argument",
    "detectors.ner.foreign": "a model's files",
    "detectors.ner.manifest": "a model's files",
    "detectors.ner.runtime": "the model runtime, kept from telling its maker",
    "detectors.ner.session": "the processor's cores, and the model runtime",
    "detectors.ner.words": "loads its YAML",
    "proxy.refusals.page": "loads its template",
    "proxy.sources": "the policy's files",
    "proxy.reload": "the policy through proxy.sources, and the clock of its tries",
    "proxy.trail.seal": "the copies for the auditor",
    "proxy.coverage_page": "writes its page",
    "proxy.chat_pages": "loads its YAML, and writes its pages",
    "proxy.equip": "a key of its finder's memory",
    "proxy.detecting.link": "a process that detects, and the pipe to it",
    "proxy.detecting.worker": "such a process",
    "proxy.detecting.keeper": "the clock of its deadlines",
    "proxy.detecting.standing": "the file of states",
    "proxy.detecting.frames": "descriptors on the pipe, and its socket",
    "proxy.inference.client": "the server of the models, and the clock of its deadlines",
    "proxy.inference.export": "the files of a model repository",
    "proxy.inference.remote": "a model's file, for its digest, and the clock of the breaker",
    "proxy.workers.crew": "the workers' processes, and the clock of their deadlines",
    "proxy.workers.desk": "the pipe to a worker",
    "proxy.workers.leaving": "the event loop, and the clock of its deadlines",
    "proxy.workers.listening": "the sockets that listen",
    "proxy.workers.office": "the pipe to the supervisor",
    "proxy.workers.standing": "the file of states",
    "proxy.workers.supervise": "signals, and the processes below",
    "proxy.workers.worker": "such a process",
    "proxy.documents.read": "the clock of its deadlines, as a default argument",
    "proxy.documents.ocr": "the models' files, and the processor's cores",
    "proxy.documents.reader": "the processes that read files",
    "proxy.documents.worker": "such a process",
    "policies.reference": "writes its pages",
    "proxy.identity.directory": "the directory",
    "proxy.identity.passwords": "the file of passwords, and the clock",
    "proxy.identity.tickets": "the keytab's place, which GSSAPI takes from the environment",
    "proxy.rollout.authority": "the authorities' files",
    "proxy.rollout.serve": "the certificate that clients must trust",
    "proxy.observe.health": "the clock of its looks, and worker threads",
    "proxy.observe.live": "the state directory",
    "proxy.observe.marks": "the clock",
    "proxy.observe.observer": "the clock",
    "proxy.observe.outlook": "starts all of them",
    "proxy.observe.pages": "a listening socket",
    "proxy.publish.follow": "the copy of the release, and the clock of its looks",
    "proxy.publish.health": "the health file",
    "proxy.publish.put": "the policy through proxy.sources, and the clock of its wait",
    "proxy.pin": "the file that says which version somebody went back to",
}
"""Rooms with a window, and what they see through it; the command line, the demo and training are windows as a whole."""

OUTSIDE = {
    *("os", "socket", "ssl", "subprocess", "sqlite3", "fcntl", "random", "secrets", "shutil", "tempfile", "signal"),
    *("threading.Timer", "time", "select", "importlib.resources"),
}
"""Modules and names that only a room with a window imports."""

CALLS = {"read_text", "read_bytes", "write_text", "write_bytes", "now", "utcnow", "today", "urandom", "getenv"}
"""Methods that reach outside, besides the function `open`."""

WITHOUT_A_TEST_FILE = {
    "proxy.adapters.sealed": "openai/test_unread.py, whose tables it is of",
    "proxy.canary.spoken": "test_plan.py sends every entry of it",
    "proxy.canary.talk": "tests/e2e/test_websocket_clients.py speaks through the proxy by it",
    "detectors.interface": "nouns",
    "proxy.answers.signs": "tables; test_joint.py has what they are for",
    "proxy.detecting.remote": "test_keeper.py drives it",
    "proxy.workers.interface": "nouns; read in test_read.py",
    "proxy.workers.desk": "test_office.py drives both ends of the pipe",
    "proxy.workers.teller": "tests/e2e/test_workers.py counts what two workers told",
    "proxy.workers.standing": "test_crew.py writes and reads it",
    "proxy.detecting.interface": "nouns",
    "proxy.settings.detection": "nouns; read in test_read_detection.py",
    "policies.decision": "nouns",
    "policies.shapes": "nouns; walked in test_grammar.py, test_format.py and test_schema.py",
    "proxy.exchange": "nouns",
    "proxy.settings.interface": "nouns; read in test_read_settings.py",
    "proxy.refusals.troubles": "texts; test_refusal.py reads each",
    "proxy.shell.heads": "test_smuggling.py sends it every kind of head",
    "proxy.errors": "a tree of names; each error is met where it is raised",
    "proxy.answers.label_stream": "test_label_ends.py drives it with every format",
    "proxy.adapters.interface": "a promise; kept in test_conformance.py",
    "proxy.adapters.openai_chat": "test_conformance.py drives every adapter from one table",
    "proxy.adapters.anthropic_messages": "test_conformance.py",
    "proxy.adapters.fallback": "test_conformance.py",
    "proxy.adapters.sign_in": "tests/proxy/wire/test_sign_in.py drives it through `choose`",
    "proxy.demo.server": "the stand-ins' sockets; test_standins.py",
    "proxy.trail.interface": "nouns; read in test_read_checkpoints.py",
    "proxy.trail.checked": "words; test_verify.py and test_checkpoint.py read them in both languages",
    "proxy.trail.prove": "test_chain.py proves every line, test_verify.py a file",
    "proxy.cli.trail": "its words, in test_audit_app.py",
    "proxy.cli.vault": "its words, in test_vault_app.py",
    "proxy.store.vault_keys": "test_vault.py drives it through the vault",
    "proxy.store.sqlite": "the contract of all stores in tests/proxy/store",
    "proxy.store.plain": "test_interface.py drives it through every store",
    **dict.fromkeys(
        (f"proxy.store.redis.{name}" for name in ("base", "vault", "talks", "traces", "workflow", "tallies")),
        "the contract of all stores in tests/proxy/store, and test_alike.py",
    ),
    "proxy.workflow.permission": "nouns; read back in store/test_interface.py, signed in test_signing.py",
    "proxy.settings.read_values": "the single values of test_read_settings.py",
    "proxy.answers.whole": "test_fails_closed.py and test_addon.py drive answers that came whole",
    "proxy.identity.interface": "nouns; read in test_read_identity.py",
    "proxy.rollout.kit_texts": "texts; test_kit.py runs the scripts",
    "proxy.observe.live": "tests/e2e/test_observe.py asks a real proxy",
    "proxy.observe.outlook": "tests/e2e/test_observe.py",
}

DRIVEN = (
    "proxy.adapters.web.",  # test_page_writer.py drives every page, test_conformance.py every adapter, from tables
    *(f"proxy.adapters.{family}." for family in ("aws", "google", "openai", "sockets", "vendors")),
)
"""Beginnings of the names of modules that need no test file of their own, for one file drives them all."""

PLACES = re.compile(r"/(?<![\w.:/]/)(?:home|root|work|Users|mnt|build)/[A-Za-z]")
"""Paths of the machine that a file was written on."""


def sources() -> Iterator[tuple[str, Path]]:
    """Yield every module of the house with its file."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


MODULES = dict(sources())
INITS = [name for name, path in MODULES.items() if path.name == "__init__.py"]
ROOMS = [name for name in MODULES if name not in INITS]


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(MODULES[name].read_text("utf-8"))


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield every statement below a node; expressions, which are most of a tree, hold none."""
    for block in ("body", "handlers", "cases", "orelse", "finalbody"):
        for child in getattr(node, block, ()):
            yield child
            yield from statements(child)


@cache
def imports(name: str, *, deferred: bool = True) -> frozenset[str]:
    """Return all that a module imports, `a.b` for `from a import b` too; without `deferred`, at its top level only."""
    nodes = statements(tree(name)) if deferred else iter(tree(name).body)
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: imports are absolute"
            found |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def below(name: str, roots: set[str]) -> bool:
    """Return whether `name` is one of `roots`, or inside one."""
    return any(name == root or name.startswith(f"{root}.") for root in roots)


def is_window(name: str) -> bool:
    return name in WINDOWS or below(name, {"proxy.cli", "proxy.demo", "detectors.ner.train"})


def files(*suffixes: str) -> Iterator[Path]:
    """Yield every file of the house, the tests and the documents with one of `suffixes`."""
    for folder, inner, names in ROOT.walk():
        inner[:] = sorted(name for name in inner if not name.startswith(".") and not name.endswith(".egg-info"))
        yield from (folder / name for name in sorted(names) if name[0] != "." and name.endswith(suffixes))


@each("name", MODULES)
def test_imports_run_one_way(name: str) -> None:
    ours = {one.partition(".")[0] for one in imports(name)} & {*PACKAGES, "tests", "bench"}
    assert ours <= MAY_IMPORT[name.partition(".")[0]]


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = {name: imports(name, deferred=False) & MODULES.keys() - {name} for name in MODULES}
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, f"a cycle: {' → '.join((*way[way.index(name) :], name))}"
        if name not in done:
            for other in sorted(graph[name]):
                visit(other, (*way, name))
            done.add(name)

    for name in graph:
        visit(name, ())


@each("name", [name for name in MODULES if name.startswith("detectors")])
def test_detectors_have_no_network(name: str) -> None:
    assert {one for one in imports(name) if below(one, NETWORK)} == set()


def test_what_training_imports_is_installed_for_it() -> None:
    """`make train` has an environment of its own; nothing of the proxy's is there."""
    seen: set[str] = set()
    ahead = [name for name in MODULES if below(name, {"detectors.ner.train"})]
    foreign: set[str] = set()
    while ahead:
        name = ahead.pop()
        if name in seen:
            continue
        seen.add(name)
        ahead += imports(name) & MODULES.keys()
        foreign |= {one.partition(".")[0] for one in imports(name)}
    named = (ROOT / "detectors" / "ner" / "train" / "requirements.txt").read_text("utf-8")
    there = {line.partition("==")[0].lower() for line in named.splitlines() if "==" in line}
    called = {"re2": "google-re2", "yaml": "pyyaml"}
    needed = {called.get(one, one).lower() for one in foreign - sys.stdlib_module_names - {"detectors", ""}}
    assert needed - there == set()


@each("name", [name for name in ROOMS if not is_window(name)])
def test_only_rooms_with_a_window_look_out(name: str) -> None:
    seen = {one for one in imports(name) if below(one, OUTSIDE)}
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            method = called.rpartition(".")[2] if isinstance(node.func, ast.Attribute) else ""
            if called == "open" or method in CALLS:
                seen.add(called)
    assert seen == set()


def test_every_window_belongs_to_a_room() -> None:
    assert WINDOWS.keys() <= MODULES.keys()


@each("path", [str(path.relative_to(ROOT)) for path in files(".py")])
def test_no_file_is_longer_than_the_wall(path: str) -> None:
    assert len((ROOT / path).read_text("utf-8").splitlines()) <= WALL


@each("name", MODULES)
def test_every_module_opens_with_a_docstring(name: str) -> None:
    assert (ast.get_docstring(tree(name)) or "").strip()


@pytest.mark.parametrize("name", INITS)
def test_a_package_is_a_docstring_and_nothing_else(name: str) -> None:
    assert len(tree(name).body) == 1 and ast.get_docstring(tree(name))


def test_every_module_has_its_test_file() -> None:
    expected = {
        name: ROOT / "tests" / MODULES[name].relative_to(ROOT).with_name(f"test_{MODULES[name].name}") for name in ROOMS
    }
    missing = {name for name, path in expected.items() if not path.exists() and not name.startswith(DRIVEN)}
    assert missing - WITHOUT_A_TEST_FILE.keys() == set()
    assert WITHOUT_A_TEST_FILE.keys() <= MODULES.keys(), "an exception for a module that is gone"


MADE_UP = {ROOT / "tests" / "cases", ROOT / "detectors" / "ner" / "train" / "data" / "told"}
"""There, made-up people have made-up machines."""


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    kinds = (".py", ".yaml", ".yml", ".toml", ".md", ".txt", ".json", ".html", ".sh")
    found = {
        f"{path.relative_to(ROOT)}:{number}"
        for path in [*files(*kinds), ROOT / "Makefile"]
        if not MADE_UP.intersection(path.parents)
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), start=1)
        if PLACES.search(line)
    }
    assert found == set()
