"""`sluice doctor` looks at everything; one broken thing never hides the next."""

import re
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from proxy.assemble import ledger_of
from proxy.canary.state import Round, write_round
from proxy.cli.doctor import BY_RULES, examine, look_at_canary, look_at_processes
from proxy.cli.look_at_machine import clock_state
from proxy.demo.seen import Reply, Seen, send_whole
from proxy.demo.server import Server
from proxy.detecting.standing import State, write_states
from proxy.keys import certificate_authority
from proxy.settings.read import load_settings
from tests.proxy.cli.invoke import sluice

NAMES = [
    *(
        "settings",
        "state",
        "policy",
        "detectors",
        "names",
        "files",
        "certificate",
        "disk",
        *(("clock",) if clock_state() >= 0 else ()),
        "open files",
        "store",
        "vault",
        "audit",
        "witnesses",
    ),
    *("proxy", "identity", "listen", "admin", "internal_model"),
]
OPEN = "policy: x\nversion: 1\notherwise: allow\nrules: []\n"
"""A policy that needs no model."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not load the models for pictures with every look; that they read is proved in test_specimen.py."""
    monkeypatch.setattr("proxy.cli.doctor.legible_after", lambda _limits: 0.5)


def config(folder: Path, text: str = "") -> Path:
    path = folder / "s.yaml"
    (folder / "open.yaml").write_text(OPEN, "utf-8")
    text = text or "listen: 127.0.0.1:0"
    path.write_text(text if "policy:" in text or "listn" in text else f"policy: open.yaml\n{text}", "utf-8")
    return path


def failed(path: Path) -> list[str]:
    found = examine(path)
    assert [one.name for one in found if one.name != "permissions"] == NAMES
    return [one.name for one in found if not one.ok]


def test_a_fresh_machine_is_well(tmp_path: Path) -> None:
    before = {*tmp_path.iterdir(), tmp_path / "s.yaml", tmp_path / "open.yaml"}
    assert failed(config(tmp_path)) == []
    assert set(tmp_path.iterdir()) == before, "looking made something"


def test_a_machine_in_use_is_well(tmp_path: Path) -> None:
    path = config(tmp_path)
    settings = load_settings(path, {})
    certificate_authority(settings.state, "n")
    ledger = ledger_of(settings)
    ledger.audit.close()
    ledger.store.close()
    assert failed(path) == []


def test_settings_that_cannot_be_read_are_all_there_is_to_say(tmp_path: Path) -> None:
    [one] = examine(config(tmp_path, "listn: x"))
    assert not one.ok and "unknown key `listn`" in one.told.en


def test_every_broken_thing_is_told(tmp_path: Path) -> None:
    path = config(
        tmp_path,
        "policy: gone.yaml\nstore: mysql://x\nlisten: 127.0.0.1:1\ninternal_model: {url: 'http://127.0.0.1:1/v1'}\n",
    )
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "audit.jsonl").write_text("nonsense\n", "utf-8")
    (tmp_path / "state" / "sluice-ca.pem").write_text("nonsense", "utf-8")
    assert {"policy", "certificate", "store", "audit", "internal_model"} <= set(failed(path))


def test_a_broken_policy_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("policy: x\nversion: nought\n", "utf-8")
    found = {one.name: one.told for one in examine(config(tmp_path, "policy: broken.yaml\nlisten: 127.0.0.1:0"))}
    assert [name for name, told in found.items() if "version" in told.en] == ["policy"]
    assert found["detectors"].en == "waits for the policy, see there" and "需先改正政策" in found["detectors"].zh


WIDE = {
    "the administrator's port": (
        "listen: 127.0.0.1:4\nadmin: {listen: '0.0.0.0:4'}",
        "listen",
        "FAIL",
        "`admin.listen`",
    ),
    "a service unread": ("listen: 127.0.0.1:0\ntunnel: [claude.ai]", "tunnel", "warn", "claude.ai"),
    "a wide reach": ("listen: 127.0.0.1:0\nreach: [0.0.0.0/0]", "reach", "warn", "0.0.0.0/0"),
    "no workers there": ("listen: 127.0.0.1:0\nmode: wireguard\nworkers: 2", "workers", "FAIL", "takes no workers"),
}


@pytest.mark.parametrize(("text", "name", "level", "said"), WIDE.values(), ids=WIDE)
def test_settings_that_start_and_are_not_meant_are_told(
    tmp_path: Path, text: str, name: str, level: str, said: str
) -> None:
    found = {one.name: one for one in examine(config(tmp_path, text))}
    assert found[name].level == level and said in found[name].told.en


ASKING = OPEN.replace(
    "rules: []", "data_classes: {c: {entities: [PERSON]}}\nrules: [{id: a, verdict: allowed, redact: c}]"
)
MODELS = {
    "asked for": (ASKING, "", [], "ok", "models run on CPU, 2 threads (as the settings say)"),
    "not asked for": (
        OPEN,
        "",
        [],
        "ok",
        "models run on CPU, 2 threads (as the settings say); the policy asks for no names, so they are not loaded, and "
        "passwords that a sentence tells are looked for by rules alone",
    ),
    "off, and not asked for": (
        OPEN,
        "names: off, ",
        [],
        "warn",
        f"no model looks for names (`detection.names: off`), and {BY_RULES.en}",
    ),
    "off, and asked for": (
        ASKING,
        "names: off, ",
        ["detectors"],
        "warn",
        f"no model looks for names (`detection.names: off`), and {BY_RULES.en}",
    ),
}


@pytest.mark.parametrize(("policy", "names", "wrong", "level", "told"), MODELS.values(), ids=MODELS)
def test_it_is_told_where_models_for_names_run_and_where_the_policy_waits_for_them_in_vain(
    tmp_path: Path, policy: str, names: str, wrong: list[str], level: str, told: str
) -> None:
    (tmp_path / "p.yaml").write_text(policy, "utf-8")
    path = config(tmp_path, f"policy: p.yaml\nlisten: 127.0.0.1:0\ndetection: {{{names}device: cpu}}")
    found = {one.name: one for one in examine(path)}
    assert [name for name, one in found.items() if not one.ok] == wrong
    assert (found["names"].level, found["names"].told.en) == (level, told)
    assert not re.search(r"[a-z]{2,} [a-z]{2,}", found["names"].told.zh.replace("names: off", ""))
    if wrong:
        assert "nothing looks for PERSON" in found["detectors"].told.en
        assert "没有检测器会查找政策所要求的 PERSON" in found["detectors"].told.zh


def test_a_redis_that_is_away_is_told_once_and_what_waits_for_it(tmp_path: Path) -> None:
    ledger_of(load_settings(config(tmp_path, "listen: 127.0.0.1:0"), {})).store.close()
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        found = examine(config(tmp_path, f"listen: 127.0.0.1:0\nstore: redis://127.0.0.1:{port}/0"))
    wrong = {one.name: (one.told.en, one.told.zh) for one in found if not one.ok}
    assert {name: told for name, told in wrong.items() if name != "redis server"} == {
        "store": ("cannot be used until its server answers, see there", "其服务器应答之后才能使用，见上"),
        "vault": ("waits for the store, see there", "需先恢复存储，见上"),
        "nodes": ("waits for the store, see there", "需先恢复存储，见上"),
    }
    en, zh = wrong["redis server"]
    assert f"127.0.0.1:{port}: Connection refused; start it" in en and "连接被拒绝" in zh
    assert sum("refused" in one.told.en for one in found) == 1


def test_a_gpu_that_was_asked_for_and_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: ["CPUExecutionProvider"])
    for device, told in (("auto", False), ("cuda", True)):
        path = config(tmp_path, f"listen: 127.0.0.1:0\ndetection: {{device: {device}}}")
        found = {one.name: one for one in examine(path)}
        assert ("GPU" in found) is told and not [name for name, one in found.items() if not one.ok]
    assert (
        found["GPU"].level == "warn" and "nvidia-smi" in found["GPU"].told.en and "nvidia-smi" in found["GPU"].told.zh
    )


def test_an_address_that_another_program_holds_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        path = config(tmp_path, f"listen: 127.0.0.1:{taken.getsockname()[1]}")
        assert failed(path) == ["listen"]


def test_an_address_that_sluice_itself_holds_is_well(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        path = config(tmp_path, f"listen: 127.0.0.1:{taken.getsockname()[1]}")
        ledger = ledger_of(load_settings(path, {}))
        try:
            assert failed(path) == []
        finally:
            ledger.audit.close()
            ledger.store.close()


def test_a_model_that_answers_is_well(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as model:
        url = f"http://127.0.0.1:{model.getsockname()[1]}/v1"
        assert failed(config(tmp_path, f"listen: 127.0.0.1:0\ninternal_model: {{url: '{url}'}}")) == []


@pytest.mark.parametrize(("up", "states"), [(True, ["warn", "ok"]), (False, ["FAIL", "FAIL"])])
def test_each_server_of_a_model_is_asked_and_one_that_answers_is_enough(
    tmp_path: Path, up: bool, states: list[str]
) -> None:
    async def answer(_seen: Seen, reply: Reply) -> None:
        await send_whole(reply, 200, "application/json", b"{}")

    server = Server(answer)
    server.start()
    if not up:
        server.stop()
    models = f"[{{url: 'http://127.0.0.1:1/v1'}}, {{url: 'http://127.0.0.1:{server.port}/v1'}}]"
    try:
        found = examine(config(tmp_path, f"listen: 127.0.0.1:0\ninternal_models: {{servers: {{general: {models}}}}}"))
    finally:
        server.stop()
    told = [one for one in found if one.name == "internal_model"]
    assert [one.level for one in told] == states and "general: 127.0.0.1:1" in told[0].told.en


REFUSED = {
    "upstreams' certificates that are not there": ("upstream_ca: gone.pem", "proxy", "gone.pem"),
    "a file of logins that is not there": ("proxy_login: gone", "proxy", "cannot be read"),
    "a log on a device": ("audit: /dev/full", "audit", "no plain file"),
    "a policy that needs a model": ("policy: inside.yaml", "internal_model", "(rules: stays-in)"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_start_would_refuse_is_told(tmp_path: Path, name: str) -> None:
    text, where, told = REFUSED[name]
    rules = OPEN.replace("rules: []", "rules: [{id: stays-in, verdict: allowed, route: internal}]")
    (tmp_path / "inside.yaml").write_text(rules, "utf-8")
    found = {one.name: one for one in examine(config(tmp_path, f"listen: 127.0.0.1:0\n{text}"))}
    assert [name for name, one in found.items() if not one.ok and name != "upstream_ca"] == [where]
    assert told in found[where].told.en


def test_a_front_that_may_be_anywhere_is_a_warning(tmp_path: Path) -> None:
    text = "listen: 127.0.0.1:0\nidentity: {header: {user: x-user, from: [0.0.0.0/0]}}"
    found = {one.name: one for one in examine(config(tmp_path, text))}
    assert found["identity"].level == "warn" and "anyone who reaches this port" in found["identity"].told.en


@pytest.mark.parametrize(("language", "told"), [("zh_CN.UTF-8", "状态目录"), ("en_GB.UTF-8", "state is kept in")])
def test_it_speaks_the_readers_language(tmp_path: Path, language: str, told: str) -> None:
    done = sluice("doctor", "--config", config(tmp_path), LC_ALL=language)
    assert done.exit_code == 0 and told in done.stdout


@pytest.mark.parametrize(("names", "said", "level"), [("fast", "run on cpu", "ok"), ("off", "no model looks", "warn")])
def test_where_the_models_for_names_run_is_told(tmp_path: Path, names: str, said: str, level: str) -> None:
    path = config(tmp_path, f"listen: 127.0.0.1:0\ndetection: {{names: {names}, device: cpu}}")
    (told,) = [one for one in examine(path) if one.name == "names"]
    assert said in told.told.en.lower() and told.level == level


FILES = {
    "well": ("", 0.5, "ok", "files are read; a small picture took 0.5 s once the models were loaded"),
    "pictures left out": ("documents: {ocr: false}", 0.5, "warn", "pictures and scanned pages are not read"),
    "not at all": ("", None, "FAIL", "a picture with known words was not read as such"),
    "out of time": ("documents: {seconds: 7}", TimeoutError(), "warn", "could not tell within 7 s"),
}


@pytest.mark.parametrize(("text", "took", "level", "told"), FILES.values(), ids=FILES)
def test_it_is_told_whether_files_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, took: float | TimeoutError | None, level: str, told: str
) -> None:
    def legible_after(_: object) -> float | None:
        if isinstance(took, TimeoutError):
            raise took
        return took

    monkeypatch.setattr("proxy.cli.doctor.legible_after", legible_after)
    (one,) = [one for one in examine(config(tmp_path, f"listen: 127.0.0.1:0\n{text}")) if one.name == "files"]
    assert one.level == level and told in one.told.en


def test_how_the_last_self_tests_ended_is_told_where_they_are_asked_for(tmp_path: Path) -> None:
    path = config(tmp_path, "listen: 127.0.0.1:0\ncanary:\n  every_minutes: 60\n  services: {openai-api: {}}")
    settings = load_settings(path, {})
    settings.state.mkdir(exist_ok=True)

    def told() -> tuple[str, str]:
        (line,) = look_at_canary(settings)
        return line.level, line.told.en

    assert told() == ("ok", "asked for, but none has been flown yet")
    write_round(settings.state, Round(datetime(2026, 11, 2, 4, tzinfo=UTC), {"caught": 1}))
    assert told() == ("ok", "1 of 1 proven at 2026-11-02 04:00 UTC")
    ledger = ledger_of(settings)
    assert told()[0] == "warn", "it runs, and its rounds do not go on"
    write_round(settings.state, Round(datetime.now(UTC), {"caught": 1}))
    assert told()[0] == "ok"
    write_round(settings.state, Round(datetime.now(UTC), {"missed": 1}, {"openai-api": "missed left"}))
    assert told()[0] == "warn" and "openai-api (missed left)" in told()[1]
    ledger.audit.close()
    ledger.store.close()
    assert [*look_at_canary(load_settings(config(tmp_path), {}))] == []


STANDS = {
    "works": (State(1, works=True, why="", starts=1, since="12:00"), "ok", "works since 12:00"),
    "started anew": (State(1, works=True, why="", starts=3, since="12:00"), "warn", "2 times so far"),
    "down": (
        State(1, works=False, why="it was ended by signal 9", starts=1, since="12:00"),
        "FAIL",
        "down since 12:00: it was ended by signal 9",
    ),
}


@pytest.mark.parametrize(("seen", "level", "told"), STANDS.values(), ids=STANDS)
def test_how_the_processes_that_detect_stand_is_told(tmp_path: Path, seen: State, level: str, told: str) -> None:
    settings = load_settings(config(tmp_path), {})
    settings.state.mkdir()
    write_states(settings.state, [seen])
    [one] = look_at_processes(settings)
    assert (one.name, one.level) == ("detection 1", level) and told in one.told.en and "12:00" in one.told.zh


def test_where_the_proxy_detects_by_itself_there_is_no_process_to_tell_of(tmp_path: Path) -> None:
    settings = load_settings(config(tmp_path, "listen: 127.0.0.1:0\ndetection: {processes: 0}"), {})
    settings.state.mkdir()
    write_states(settings.state, [STANDS["down"][0]])
    assert list(look_at_processes(settings)) == []


def test_a_policy_that_is_written_in_chinese_is_spoken_of_in_its_own_words(tmp_path: Path) -> None:
    path = config(tmp_path)
    (tmp_path / "open.yaml").write_text("政策: x\n版本: 1\n规则: []\n", "utf-8")
    (told,) = [one.told for one in examine(path) if one.name == "policy"]
    assert "政策缺少必需的“其余情况”" in told.zh and "请写“其余情况: 禁止”或“其余情况: 允许”" in told.zh
    assert "The policy has no “其余情况”" in told.en and "otherwise" not in told.en
