"""What is written for people who write policies is read back first, means the same, and never covers another file."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.format import translate
from policies.load import load_policy
from policies.schema import policy_schema, suite_schema
from policies.suite import read_suite
from policies.template import questions
from proxy.cli.policy import Desk
from proxy.cli.policy_write import MEANT, reformat, template_text, templates, write
from proxy.errors import SettingsError
from proxy.settings.interface import Settings
from tests.policies.office import OFFICE
from tests.proxy.cli.office import POLICY, TESTS, furnish, run
from tests.thorough import drawn

ZH = {
    "policy: ": "政策: ",
    "otherwise: forbid": "其余情况: 禁止",
    "days: [mon, tue, wed, thu, fri]": "星期: [周一, 周二, 周三, 周四, 周五]",
    "redact: 个人信息": "隐去: 个人信息",
    "when: {service: cursor}": "当: {服务: cursor}",
    "instead: {zh: 请用内部模型。}": "替代办法: {中文: 请用内部模型。}",
}
"""Some lines of the office's policy in both languages."""


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The office's policy in use, in the working directory."""
    monkeypatch.chdir(tmp_path)
    return furnish(tmp_path)


# ── fmt ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_policy_is_printed_in_the_other_language_and_the_file_stays(office: Path) -> None:
    done = run("policy", "fmt", office, "--lang", "zh")
    assert done.exit_code == 0
    for en, zh in ZH.items():
        assert en in POLICY and zh in done.stdout and en not in done.stdout
    assert office.read_text("utf-8") == POLICY
    office.write_text(done.stdout, "utf-8")
    assert run("policy", "fmt", office, "--lang", "en").stdout == POLICY


def test_a_policy_is_changed_in_its_place_and_means_the_same(office: Path) -> None:
    before, mode = load_policy(office), office.stat().st_mode
    office.chmod(0o640)
    done = run("policy", "fmt", office, "--lang", "zh", "--write")
    after = load_policy(office)
    assert (done.exit_code, done.stdout) == (0, "")
    assert all(getattr(after, name) == getattr(before, name) for name in MEANT)
    assert after.digest != before.digest and "其余情况: 禁止" in office.read_text("utf-8")
    assert office.stat().st_mode & 0o777 == 0o640 != mode & 0o777
    assert sorted(each.name for each in office.parent.iterdir()) == ["policy.yaml", "policy_test.yaml", "sluice.yaml"]


def test_its_tests_are_translated_too_and_still_pass(office: Path) -> None:
    tests = office.with_name("policy_test.yaml")
    before = read_suite(TESTS, "t", load_policy(office)).cases
    assert run("policy", "fmt", tests, "--lang", "zh", "-w").exit_code == 0
    assert "期望: {隐去: [个人信息]}" in tests.read_text("utf-8")
    assert read_suite(tests.read_text("utf-8"), "t", load_policy(office)).cases == before
    assert run("policy", "fmt", office, "--lang", "zh", "-w").exit_code == 0
    assert run("policy", "test", office).exit_code == 0


def test_a_check_changes_nothing_and_says_by_its_code_whether_anything_would(office: Path) -> None:
    for more in ((), ("--write",)):
        assert run("policy", "fmt", office, "--lang", "en", "--check", *more).exit_code == 0
        done = run("policy", "fmt", office, "--lang", "zh", "--check", *more)
        assert (done.exit_code, done.output) == (1, "")
        assert office.read_text("utf-8") == POLICY


def test_what_is_in_the_language_already_is_not_written_again(office: Path) -> None:
    before = office.stat()
    assert run("policy", "fmt", office, "--lang", "en", "--write").exit_code == 0
    assert (office.stat().st_ino, office.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_line_ends_and_a_byte_order_mark_stay_as_they_were(office: Path) -> None:
    office.write_bytes(b"\xef\xbb\xbf" + POLICY.replace("\n", "\r\n").encode())
    assert run("policy", "fmt", office, "--lang", "zh", "--write").exit_code == 0
    data = office.read_bytes()
    assert data.startswith("\ufeff政策: ".encode())
    assert data.count(b"\r\n") == data.count(b"\n") == POLICY.count("\n")


def test_a_name_that_is_also_a_word_stays_a_name(office: Path) -> None:
    office.write_text(POLICY.replace("个人信息", "电话号码"), "utf-8")
    assert run("policy", "fmt", office, "--lang", "en", "--write").exit_code == 0
    assert {each.name for each in load_policy(office).classes} == {"电话号码", "机密"}


def test_a_file_whose_meaning_a_translation_would_change_is_refused_and_stays(office: Path) -> None:
    policy = POLICY.replace("个人信息", "电话号码").replace("[CN_ID_CARD]", "[CN_ID_CARD, PHONE_NUMBER]")
    office.write_text(policy, "utf-8")
    tests = office.with_name("policy_test.yaml")
    text = TESTS.replace("个人信息", "电话号码")  # in English this would be the entity, and no longer the class
    tests.write_text(text, "utf-8")
    done = run("policy", "fmt", tests, "--lang", "en", "--write")
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr == f"{tests}: a name in it is also a word of the language; rename that first\n"
    assert tests.read_text("utf-8") == text
    assert run("policy", "fmt", tests, "--lang", "zh").exit_code == 0


def test_part_of_a_folder_is_translated_by_itself(tmp_path: Path) -> None:
    head, _, rules = POLICY.partition("rules:\n")
    (tmp_path / "base.yaml").write_text(head, "utf-8")
    (tmp_path / "rules.yaml").write_text(f"rules:\n{rules}", "utf-8")
    before = load_policy(tmp_path)
    assert run("policy", "fmt", tmp_path / "rules.yaml", "--lang", "zh", "--write").exit_code == 0
    assert (tmp_path / "rules.yaml").read_text("utf-8").startswith("规则:\n")
    after = load_policy(tmp_path)
    assert all(getattr(after, name) == getattr(before, name) for name in MEANT)


UNUSABLE = {
    "that is not there": ("gone.yaml", None, "gone.yaml: cannot be read: No such file or directory\n"),
    "that is a folder": (".", None, ".: cannot be read: Is a directory\n"),
    "that is not UTF-8": ("a.yaml", "政策: 甲".encode("gbk"), "a.yaml: the text is not UTF-8\n"),
    "that is no YAML": ("a.yaml", b"policy: [a\n", "What is opened here is never closed."),
    "that is empty": ("a.yaml", b"", "The policy is empty."),
    "of tests with a mistake": ("policy_test.yaml", b"tests: [{name: t, expect: maybe}]\n", "is not a valid outcome."),
    "of tests without a policy": ("a_test.yaml", TESTS.encode(), ":1:1: "),
}


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("name", UNUSABLE)
def test_a_file_that_cannot_be_translated_stays_as_it_is(name: str) -> None:
    file, data, told = UNUSABLE[name]
    if data is not None:
        Path(file).write_bytes(data)
    if name == "of tests without a policy":
        Path("policy.yaml").write_bytes(b"")
    done = run("policy", "fmt", file, "--lang", "zh", "--write")
    assert (done.exit_code, done.stdout) == (3, "")
    assert told in done.stderr
    assert data is None or Path(file).read_bytes() == data


def test_a_language_that_is_none_is_a_slip_of_the_command(office: Path) -> None:
    for command in (("fmt", office, "--lang", "fr"), ("new", "x.yaml", "--lang", "fr")):
        done = run("policy", *command)
        assert done.exit_code == 2 and "write zh or en" in done.stderr
    assert not Path("x.yaml").exists()


DESK = Desk(Settings())
BOTH = [translate(OFFICE, language).splitlines() for language in ("en", "zh")]


@settings(max_examples=drawn(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 1), min_size=len(BOTH[0]), max_size=len(BOTH[0])))
def test_a_policy_in_both_languages_at_once_is_written_in_either(tmp_path: Path, picked: list[int]) -> None:
    path = tmp_path / "office.yaml"
    mixed = "".join(f"{BOTH[language][number]}\n" for number, language in enumerate(picked))
    path.write_text(mixed, "utf-8")
    for language, lines in zip(("en", "zh"), BOTH, strict=True):
        text, written = reformat(DESK, path, language)
        assert (text, written.splitlines()) == (mixed, lines)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "政策.yaml"
    write(path, "甲\r\n")
    write(path, "乙\n")
    assert path.read_bytes() == "乙\n".encode()
    with pytest.raises(SettingsError, match="is there already; name another file"):
        write(path, "丙\n", new=True)
    assert path.read_bytes() == "乙\n".encode()
    with pytest.raises(SettingsError, match="cannot be written: No such file or directory"):
        write(tmp_path / "gone" / "p.yaml", "丁\n")
    assert [each.name for each in tmp_path.iterdir()] == ["政策.yaml"]


# ── new ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

ANSWERS = {"name": "我的规定", "owner": '合规部: "甲" #1', "zone": "Asia/Tokyo", "opens": "08:30", "closes": "17:00"}
OPTIONS = tuple(word for key, answer in ANSWERS.items() for word in (f"--{key}", answer))
FULL = next(name for name in templates() if [each.key for each in questions(template_text(name))] == [*ANSWERS])
"""A template that asks for all that there is an option for, and for nothing else."""


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("name", sorted(templates()))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_template_begins_a_policy_with_tests_that_pass_in_both_languages(name: str, lang: str) -> None:
    done = run("policy", "new", "我的.yaml", "--template", name, "--lang", lang, "--yes", "--name", "我的规定")
    assert done.exit_code == 0
    assert [line.split()[0] for line in done.stdout.splitlines()[:2]] == ["我的.yaml", "我的_test.yaml"]
    policy = load_policy(Path("我的.yaml"))
    assert policy.name == "我的规定"
    assert [rule.id for rule in policy.rules] == [rule.id for rule in load_policy(templates()[name]).rules]
    for file, word in (("我的.yaml", ("政策: ", "policy: ")), ("我的_test.yaml", ("测试:", "tests:"))):
        begins = [line for line in Path(file).read_text("utf-8").splitlines() if line.startswith(word)]
        assert begins and all(line.startswith(word[lang == "en"]) for line in begins)
    assert run("policy", "test", "我的.yaml").exit_code == 0


@pytest.mark.usefixtures("office")
def test_what_to_do_next_is_said_in_the_readers_language() -> None:
    en, zh = (run("policy", "new", f"{one}.yaml", "-y", language=f"{one}_XX.UTF-8").stdout for one in ("en", "zh"))
    for told, file, word in ((en, "en.yaml", "Next"), (zh, "zh.yaml", "接下来")):
        assert f"{word}: sluice policy check {file}; sluice policy test {file}" in told.splitlines()
        assert f"policy: {file}" in told.splitlines()[-1]


@pytest.mark.usefixtures("office")
def test_tests_that_are_there_already_stay() -> None:
    Path("a_test.yaml").write_text(TESTS, "utf-8")
    assert run("policy", "new", "a.yaml", "-y").exit_code == 0
    assert Path("a_test.yaml").read_text("utf-8") == TESTS


@pytest.mark.usefixtures("office")
def test_the_answers_stand_in_the_policy_whatever_signs_they_hold() -> None:
    assert run("policy", "new", "a.yaml", "--template", FULL, "--yes", *OPTIONS).exit_code == 0
    policy = load_policy(Path("a.yaml"))
    assert (policy.name, policy.owner, policy.time_zone) == ("我的规定", '合规部: "甲" #1', "Asia/Tokyo")
    assert (policy.hours[0].opens, policy.hours[0].closes) == (8 * 60 + 30, 17 * 60)
    before, after = template_text(FULL).splitlines(), Path("a.yaml").read_text("utf-8").splitlines()
    changed = [number for number, (old, new) in enumerate(zip(before, after, strict=True), 1) if old != new]
    asked = {each.scalar.mark.line for each in questions(template_text(FULL)) if each.usual != ANSWERS[each.key]}
    assert set(changed) == asked, "everything else stays, comments too"


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_not_given_is_asked_in_the_readers_language(language: str) -> None:
    asked = questions(template_text(FULL))
    answers = ANSWERS | {"name": "", "closes": ""}  # an empty line takes what the template says
    typed = "".join(f"{answers[each.key]}\n" for each in asked)
    done = run("policy", "new", "a.yaml", "--template", FULL, language=f"{language}_XX.UTF-8", typed=typed)
    assert done.exit_code == 0
    for each in asked:
        assert f"{each.asked.in_language(language)} [{each.usual}]" in done.stdout
    policy, template = load_policy(Path("a.yaml")), load_policy(templates()[FULL])
    assert (policy.name, policy.owner, policy.time_zone) == (template.name, ANSWERS["owner"], "Asia/Tokyo")
    assert (policy.hours[0].opens, policy.hours[0].closes) == (8 * 60 + 30, template.hours[0].closes)


@pytest.mark.usefixtures("office")
def test_what_is_given_is_not_asked() -> None:
    done = run("policy", "new", "a.yaml", "--template", FULL, *OPTIONS, typed="")
    assert done.exit_code == 0 and load_policy(Path("a.yaml")).name == ANSWERS["name"]
    assert not any(each.asked.en in done.stdout for each in questions(template_text(FULL)))


@pytest.mark.usefixtures("office")
def test_whoever_gives_up_leaves_no_file() -> None:
    done = run("policy", "new", "a.yaml", typed="")
    assert done.exit_code == 1 and "Aborted" in done.output
    assert not Path("a.yaml").exists()


REFUSED = {
    "a file that is there": (("policy.yaml", "-y"), "policy.yaml: is there already; name another file"),
    "a folder that is there": (("sub", "-y"), "sub: is there already; name another file"),
    "a folder that is not": (("gone/a.yaml", "-y"), "gone/a.yaml: cannot be written: No such file or directory"),
    "a template": (
        ("a.yaml", "-y", "--template", "gone"),
        f"there is no template gone; there are {', '.join(templates())}\n",
    ),
    "a way out of the templates": (("a.yaml", "-y", "--template", "../load"), "there is no template ../load"),
    "a time": (("a.yaml", "-y", "--template", FULL, "--opens", "25:00"), "“25:00” is not a time."),
    "a zone": (("a.yaml", "-y", "--template", FULL, "--zone", "Beijing"), "“Beijing” is not an IANA time zone."),
}


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("name", REFUSED)
def test_a_policy_that_cannot_be_begun_leaves_everything_as_it_was(name: str) -> None:
    words, told = REFUSED[name]
    Path("sub").mkdir()
    done = run("policy", "new", *words)
    assert (done.exit_code, done.stdout) == (3, "")
    assert told in done.stderr
    assert Path("policy.yaml").read_text("utf-8") == POLICY
    assert not Path("a.yaml").exists()


# ── schema and when ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_schemas_are_printed_as_they_are() -> None:
    for words, want in (((), policy_schema()), (("--tests",), suite_schema())):
        done = run("policy", "schema", *words)
        assert (done.exit_code, json.loads(done.stdout)) == (0, want)


WHEN = ("--at", "2026-10-09 23:00", "--days", "2")


def test_the_next_windows_are_told_with_days_off_and_make_up_days(office: Path) -> None:
    done = run("policy", "when", "--policy", office, *WHEN)
    assert (done.exit_code, done.stdout.splitlines()) == (
        0,
        [
            "上班 (Asia/Shanghai)",
            "    2026-10-09  Fri  09:00–18:00",
            "    2026-10-10  Sat  09:00–18:00  make-up working day",
        ],
    )
    zh = run("policy", "when", *WHEN, language="zh_CN.UTF-8").stdout.splitlines()
    assert zh[2] == "    2026-10-10  周六  09:00–18:00  调休上班"
    off = run("policy", "when", "--at", "2026-10-01", "--days", "1").stdout.splitlines()
    assert off[1] == "    2026-10-01  Thu  –  day off"


@pytest.mark.usefixtures("office")
def test_the_windows_are_told_to_machines_as_instants() -> None:
    (told,) = json.loads(run("policy", "when", "--at", "2026-10-08", "--days", "3", "--json").stdout)
    assert (told["hours"], told["zone"], [day["day"][-2:] for day in told["days"]]) == (
        "上班",
        "Asia/Shanghai",
        ["08", "09", "10"],
    )
    assert (told["days"][0]["opens"], told["days"][0]["closes"]) == (
        "2026-10-08T09:00:00+08:00",
        "2026-10-08T18:00:00+08:00",
    )
    (off,) = json.loads(run("policy", "when", "--at", "2026-10-01", "--days", "1", "--json").stdout)[0]["days"]
    assert off == {"day": "2026-10-01", "opens": None, "closes": None, "special": {"en": "day off", "zh": "放假"}}


def test_a_fortnight_is_told_where_nothing_else_is_asked_and_a_year_at_most(office: Path) -> None:
    assert len(run("policy", "when").stdout.splitlines()) == 15
    for days, code in (("1", 0), ("366", 0), ("0", 2), ("367", 2), ("many", 2)):
        assert run("policy", "when", "-p", office, "--days", days).exit_code == code
    assert run("policy", "when", "--at", "soon").exit_code == 3


def test_a_policy_without_hours_says_so(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("policy: x\nversion: 1\notherwise: forbid\nrules: []\n", "utf-8")
    assert run("policy", "when", "-p", path).stdout == "This policy defines no hours.\n"
    assert run("policy", "when", "-p", path, language="zh_CN.UTF-8").stdout == "本政策没有定义时段。\n"
    assert json.loads(run("policy", "when", "-p", path, "--json").stdout) == []
