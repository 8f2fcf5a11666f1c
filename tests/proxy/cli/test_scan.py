"""`sluice scan` is a public contract: order, offsets in code points, and never a value."""

import io
import json
from pathlib import Path
from typing import Final

import pytest
from rich.console import Console

from detectors.find import Finder, shipped_detectors, shipped_patterns
from proxy.cli.scan import PATIENCE, WORTH_A_PROCESS, another_finder, bar, finder_for, jobs_for
from proxy.cli.scan_gather import Gathered, Source
from tests.proxy.cli.invoke import sluice
from tests.proxy.house import POLICY

SHIPPED: Final = Path(__file__).parents[3] / "policies/shipped"
CARD = "4111111111111111"


def lines(*entries: object) -> bytes:
    return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries).encode()


def answers(*entries: object, options: tuple[object, ...] = ()) -> list[dict]:
    done = sluice("scan", "--jsonl", *options, input=lines(*entries))
    assert done.exit_code == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_line_is_answered_in_its_order_with_its_id() -> None:
    got = answers({"id": 2, "text": "nothing"}, {"id": "一", "text": f"卡号{CARD}谢谢"}, {"id": None, "text": ""})
    assert [one["id"] for one in got] == [2, "一", None]
    assert [len(one["findings"]) for one in got] == [0, 1, 0]


@pytest.mark.parametrize("before", ["卡号", "😀 ", "é́ card ", "𠮷𠮷"], ids=["zh", "emoji", "combining", "astral"])
def test_offsets_count_unicode_code_points_of_the_text(before: str) -> None:
    text = f"{before}{CARD} 谢谢"
    [finding] = answers({"id": 1, "text": text}, options=("--entities", "CREDIT_CARD"))[0]["findings"]
    assert text[finding["start"] : finding["end"]] == CARD
    assert finding.keys() == {"start", "end", "entity", "score", "detector"}
    assert finding["entity"] == "CREDIT_CARD" and 0 < finding["score"] <= 1


def test_surrogate_pairs_of_json_are_one_code_point() -> None:
    raw = b'{"id": 1, "text": "\\ud83d\\ude00 ' + CARD.encode() + b'"}\n'
    done = sluice("scan", "--jsonl", "--entities", "CREDIT_CARD", input=raw)
    assert json.loads(done.stdout)["findings"][0]["start"] == 2


def test_an_id_that_no_utf8_can_hold_is_answered_too() -> None:
    done = sluice("scan", "--jsonl", input=b'{"id": "\\ud800", "text": "x"}\n')
    assert done.exit_code == 0 and json.loads(done.stdout)["id"] == "\ud800"


def test_what_nobody_can_read_is_told_and_fails_where_that_is_asked_for(tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text(f"hello\n-----BEGIN PGP MESSAGE-----\n\n{'hQEMA5v' * 9}\n-----END PGP MESSAGE-----\n")
    done = sluice("scan", "--fail", note)
    assert done.exit_code == 1, done.stderr
    assert done.stdout.startswith(f"{note}:2:1: could not be read: ")
    assert sluice("scan", note).exit_code == 0


BAD = {
    "no JSON": b"nonsense",
    "no text": b'{"id": 1}',
    "no id": b'{"text": "x"}',
    "text of another kind": b'{"id": 1, "text": 5}',
    "a list": b"[1]",
    "no UTF-8": b'{"id": 1, "text": "\xff"}',
    "too deep": b"[" * 100_000,
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_line_is_named_by_its_number_and_not_quoted_and_the_others_are_answered(name: str) -> None:
    good = lines({"id": 1, "text": "x"})
    done = sluice("scan", "--jsonl", input=good + b"\n" + BAD[name] + b"\n" + good)
    assert done.exit_code == 3
    assert "line 3: expected" in done.stderr and "nonsense" not in done.stderr
    assert len(done.stdout.splitlines()) == 2


def test_text_is_told_by_line_and_column_and_never_repeated(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"第一行\n卡号：{CARD}\n", "utf-8")
    done = sluice("scan", "--entities", "CREDIT_CARD", path)
    assert done.stdout.startswith(f"{path}:2:4: CREDIT_CARD (16 characters) ")
    assert CARD not in done.output


def test_standard_input_is_read_where_no_file_is_named() -> None:
    assert "(standard input):1:1: CREDIT_CARD" in sluice("scan", input=CARD.encode()).stdout


@pytest.mark.parametrize(
    ("arguments", "text", "code"),
    [
        (["--fail"], CARD, 1),
        (["--fail"], "nothing", 0),
        ([], CARD, 0),
        (["--entities", "CREDIT_CRD"], "", 3),
        (["gone.txt"], "", 3),
        (["--jsonl", "gone.jsonl"], "", 3),
        (["--policy", "gone.yaml"], "", 3),
    ],
)
def test_the_exit_code_says_how_it_went(arguments: list[str], text: str, code: int) -> None:
    assert sluice("scan", *arguments, input=text.encode()).exit_code == code


@pytest.mark.parametrize(
    ("name", "meant", "chinese"),
    [
        ("CREDIT_CRD", "CREDIT_CARD", "银行卡号"),
        ("姓名", "PERSON", "人名"),
        ("name", "PERSON", "人名"),
        ("phone", "PHONE_NUMBER", "电话号码"),
        ("email", "EMAIL_ADDRESS", "电子邮箱"),
        ("身份证", "CN_ID_CARD", "居民身份证号"),
    ],
)
def test_an_entity_that_nobody_finds_is_told_with_what_is_meant(name: str, meant: str, chinese: str) -> None:
    done = sluice("scan", "--entities", name)
    assert (done.exit_code, done.stderr) == (3, f"no detector finds {name}; did you mean {meant}?\n")
    done = sluice("scan", "--entities", name, LC_ALL="zh_CN.UTF-8")
    assert (done.exit_code, done.stderr) == (3, f"没有检测器识别 {name}；是否指 {meant}（{chinese}）？\n")


def test_an_entity_that_nobody_can_guess_is_told_with_where_they_are_listed() -> None:
    assert (
        sluice("scan", "--entities", "XYZZY").stderr
        == "no detector finds XYZZY; the policy reference lists all entities\n"
    )


def test_an_entity_may_be_named_in_chinese_as_in_a_policy() -> None:
    done = sluice("scan", "--entities", "银行卡号，密码", input=f"卡号 {CARD}，电话 13800138000".encode())
    assert done.exit_code == 0 and "CREDIT_CARD" in done.stdout and "PHONE_NUMBER" not in done.stdout


@pytest.mark.parametrize("entities", [",", " ，、 "])
def test_a_list_that_names_no_entity_is_refused_for_everything_would_seem_clean(entities: str) -> None:
    done = sluice("scan", "--entities", entities, input=f"card {CARD}".encode())
    assert (done.exit_code, done.stdout) == (3, "") and "--entities names none" in done.stderr


@pytest.mark.parametrize("encoding", ["utf-88", "undefined", "base64"])
def test_an_encoding_that_there_is_not_is_refused_by_its_name(encoding: str) -> None:
    done = sluice("scan", "--encoding", encoding, input=b"x")
    assert (done.exit_code, done.stdout) == (3, "") and f"no encoding is called {encoding};" in done.stderr


def test_text_that_is_in_no_known_encoding_is_refused() -> None:
    done = sluice("scan", input=b"x\x81\x8d")
    assert done.exit_code == 3 and "UTF-8" in done.stderr


def test_many_bytes_are_worth_more_processes_and_few_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    small, large = Source(Path("a"), 10, named=False), Source(Path("b"), WORTH_A_PROCESS, named=False)
    assert [jobs_for(Gathered(sources, (), 0)) for sources in ((small, small), (large,), (small, large))] == [1, 1, 3]


def test_a_scan_waits_for_names_however_long_a_file_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float | None] = []

    def equipped(_policy: object, _settings: object, seconds: float | None = None, **_names: bool) -> tuple:
        asked.append(seconds)
        return ()

    monkeypatch.setattr("proxy.cli.scan.detectors_of", equipped)
    finder_for(None, None)
    another_finder(None, None, None)
    assert asked == [PATIENCE, PATIENCE] and PATIENCE >= 600


QUESTIONS: Final = (
    ((None, None), False),
    ((None, "CREDIT_CARD"), False),
    ((None, "CREDIT_CARD,PERSON"), True),
    ((POLICY, None), False),
    ((POLICY, "PERSON"), True),
    ((SHIPPED / "default.yaml", None), True),
)


def test_models_are_opened_where_names_are_asked_for_and_in_every_process(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[bool] = []

    def equipped(_policy: object, _settings: object, _seconds: float, *, names: bool) -> tuple:
        opened.append(names)
        return shipped_detectors() if names else shipped_patterns()

    monkeypatch.setattr("proxy.cli.scan.detectors_of", equipped)
    for (policy, entities), names in QUESTIONS:
        finder_for(policy, entities)
        another_finder(policy, entities, None)
        assert opened[-2:] == [names, names], (policy, entities)


def test_what_is_looked_for_when_nobody_says_is_the_same_with_models_and_without() -> None:
    assert Finder(shipped_patterns()).default == Finder(shipped_detectors()).default


def test_the_bar_tells_how_many_files_are_done() -> None:
    screen = Console(file=io.StringIO(), force_terminal=True, width=80)
    with bar(30, screen, 2) as step:
        step(10)
        step(20)
    assert isinstance(screen.file, io.StringIO) and "2 of 2 files" in screen.file.getvalue()


def test_another_process_finds_what_the_policy_names() -> None:
    assert {"CUSTOMER", "CREDIT_CARD"} <= another_finder(POLICY, None, None).entities


def test_a_policy_narrows_to_its_classes_and_brings_its_terms() -> None:
    [one] = answers({"id": 1, "text": f"华星科技 192.0.2.1 {CARD}"}, options=("--policy", POLICY))
    assert {finding["entity"] for finding in one["findings"]} == {"CUSTOMER", "CREDIT_CARD"}


def test_a_file_cut_in_the_middle_of_a_character_is_scanned_and_that_is_told_in_every_form(tmp_path: Path) -> None:
    file = tmp_path / "cut.log"
    file.write_bytes(f"卡号 {CARD} 请核对\n".encode() + b"\xe7\x8e")
    done = sluice("scan", "--entities", "CREDIT_CARD", file)
    assert done.exit_code == 0 and ":1:4: CREDIT_CARD" in done.stdout
    assert "2 bytes of it, which are no character in UTF-8" in done.stdout
    summed = sluice("scan", "--entities", "CREDIT_CARD", tmp_path).stderr
    assert "1 file looked into" in summed and "1 unknown" in summed
    [line] = sluice("scan", "--entities", "CREDIT_CARD", "--format", "jsonl", file).stdout.splitlines()
    got = json.loads(line)
    assert len(got["findings"]) == 1 and got["unknown"] == ["CREDIT_CARD"] and "2 bytes" in got["problem"]
    for form in ("csv", "sarif", "html"):
        assert "2 bytes" in sluice("scan", "--entities", "CREDIT_CARD", "--format", form, file).stdout, form
    piped = sluice("scan", "--entities", "CREDIT_CARD", input=file.read_bytes())
    assert piped.exit_code == 0 and "2 bytes" in piped.stdout
    assert sluice("scan", "--entities", "EMAIL_ADDRESS", "--fail", file).exit_code == 1


@pytest.mark.parametrize("command", [("scan",), ("eval",), ("rules", "check")], ids=" ".join)
def test_whether_a_file_can_be_read_is_found_out_by_reading_it(command, tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda *_args, **_more: False)
    done = sluice(*command, tmp_path / "gone.jsonl")
    assert done.exit_code == 3 and "cannot be read" in done.stderr
    (tmp_path / "there.jsonl").write_text('{"text": "x", "spans": []}\n')
    assert sluice(*command, tmp_path / "there.jsonl").exit_code != 2
