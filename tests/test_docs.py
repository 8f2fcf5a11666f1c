"""The documents are true to the code: keys, words, examples and output are compared with what runs."""

import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest
import typer

from detectors.entities import ENTITIES
from detectors.find import DEFAULT_ENTITIES, Finder, shipped_detectors
from policies import classify, define, enact, head, load, measure, oblige, suite
from policies.decide import needs
from policies.decision import Decision, Facts, Mode, RecordDetail, Treatment, Verdict
from policies.load import parse_policy
from policies.model import Policy
from policies.words import alias
from proxy.account import SIGNS
from proxy.cli.chinese import in_chinese
from proxy.cli.exits import Exit
from proxy.cli.main import app
from proxy.cli.scan import scan_lines
from proxy.cli.scan_forms import text_lines
from proxy.cli.scan_look import Wish, look
from proxy.errors import SettingsError
from proxy.refusals.refusal import compose
from proxy.services.catalogue import load_catalogue
from proxy.settings.interface import Settings
from proxy.settings.read import LEVELS, OVERRIDABLE, PREFIX, parse_settings
from proxy.trial import services_of
from tests.rows import each
from tests.settings_keys import INSIDE, NESTED

ROOT = Path(__file__).parents[1]
PAGES = (
    "README.md",
    "README.zh.md",
    "deploy/README.md",
    "deploy/README.zh.md",
    *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))),
)
POLICY_GUIDES = ("docs/policy.md", "docs/policy.zh.md")
POLICY_REFERENCES = ("docs/policy-reference.md", "docs/policy-reference.zh.md")
EXAMPLE = ROOT / "deploy" / "sluice.example.yaml"
SECRETS = {
    "INTERNAL_MODEL_KEY": "k",
    "UPSTREAM_LOGIN": "u:p",
    **dict.fromkeys(("SMTP_PASSWORD", "REDIS_PASSWORD", "SENTINEL_PASSWORD"), "p"),
    "OPENAI_KEY": "k",
    "WITNESS_TOKEN": "k",
    "PROXY_LOGIN": "u:p",
    "LDAP_PASSWORD": "p",
    **dict.fromkeys(("VAULT_KEY", "GPU_KEY", "VLLM_KEY", "AZURE_OPENAI_KEY", "CHATAI_KEY"), "k"),
}
"""Variables that the examples name."""
CATALOGUE = load_catalogue()
SERVICES = CATALOGUE.services
ROOT_COMMAND = typer.main.get_command(app)


class Block(NamedTuple):
    """A fenced block of a page, without its indentation."""

    page: str
    kind: str
    text: str


def read(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def blocks(*pages: str) -> Iterator[Block]:
    for page in pages:
        for found in re.finditer(r"^( *)```(\w[^\n]*)\n(.*?)^\1```$", read(page), re.MULTILINE | re.DOTALL):
            text = "\n".join(line.removeprefix(found[1]) for line in found[3].split("\n"))
            yield Block(page, found[2], text)


def rows(page: str) -> list[list[str]]:
    """Return the cells of every table row that begins with a word of code."""
    lines = [line for line in read(page).splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def policy_of(text: str) -> Policy:
    """Load an example; a fragment gets the head that every policy has, and no rules if it has none."""
    if not re.search(r"^(?:version|版本):", text, re.MULTILINE):
        text = f"policy: example\nversion: 1\notherwise: forbid\n{text}"
    if not re.search(r"^(?:rules|规则):", text, re.MULTILINE):
        text += "rules: []\n"
    return parse_policy(text, "policy.yaml", lambda _: "华星科技\n", SERVICES.keys())


def settings_of(text: str, folder: Path = ROOT, environment: Mapping[str, str] = SECRETS) -> Settings:
    return parse_settings(text, "sluice.yaml", folder, environment)


def is_policy(block: Block) -> bool:
    return re.search(r"^(?:version|版本):", block.text, re.MULTILINE) is not None


EXAMPLES = [block for block in blocks(*PAGES) if block.kind == "yaml"]


@pytest.mark.parametrize("block", EXAMPLES, ids=[f"{block.page}-{n}" for n, block in enumerate(EXAMPLES)])
def test_every_example_loads(block: Block) -> None:
    if is_policy(block):
        policy_of(block.text)
    else:
        settings_of(block.text)


# -- settings ---------------------------------------------------------------------------------------------------------


def known_keys(text: str) -> set[str]:
    with pytest.raises(SettingsError) as error:
        settings_of(text)
    return set(str(error.value).partition("known keys: ")[2].split(", "))


@pytest.mark.parametrize("place", NESTED)
def test_every_key_of_the_settings_is_explained_and_no_other(place: str) -> None:
    section = INSIDE.get(place, place)
    parts = re.split(r"^### `?([a-z_]+)`?$", read("docs/settings.md"), flags=re.MULTILINE)
    pages = {"": parts[0].partition("## All keys")[2], **dict(zip(parts[1::2], parts[2::2], strict=True))}
    told = {found[1] for found in re.finditer(r"^\| `([a-z_.]+)` \|", pages[section], re.MULTILINE)}
    prefix = f"{place}." if place in INSIDE else ""
    if not prefix:
        told = {key for key in told if "." not in key}
    assert {prefix + key for key in known_keys(NESTED[place])} == {key for key in told if key.startswith(prefix)}


def test_every_environment_variable_is_told_and_no_other() -> None:
    cells = {cell for row in rows("docs/settings.md") for cell in row if cell.startswith(f"`{PREFIX}")}
    assert cells == {f"`{PREFIX}{key.replace('.', '_').upper()}`" for key in OVERRIDABLE}


def test_the_defaults_as_a_file_do_the_same_as_no_file() -> None:
    text = next(block.text for block in EXAMPLES if block.page == "docs/settings.md")
    assert settings_of(text) == settings_of("{}")


def test_each_row_of_the_settings_tells_the_default_that_the_example_has() -> None:
    text = next(block.text for block in EXAMPLES if block.page == "docs/settings.md")
    told = {row[0].strip("`"): row[2].strip("`") for row in rows("docs/settings.md")}
    for key, value in re.findall(r"([a-z_]+): ([^\s,{}]+)", text):
        assert told[key] == value, key
    assert all(f"`{level}`" in read("docs/settings.md") for level in LEVELS)


def test_the_example_of_all_settings_is_the_default_until_a_line_is_switched_on() -> None:
    assert settings_of(EXAMPLE.read_text("utf-8")) == settings_of("{}")


def test_the_example_of_all_settings_loads_with_every_line_switched_on(tmp_path: Path) -> None:
    text = re.sub(r"^# (?=  |[a-z_]+: |[a-z_]+:$)", "", EXAMPLE.read_text("utf-8"), flags=re.MULTILINE)
    for name in re.findall(r"_file: ([\w.-]+)", text):
        (tmp_path / name).write_text("secret")
    in_its_place = re.sub(r"^( +)[a-z_]+: .*\n\1# ([a-z_]+: )", r"\1\2", text, flags=re.MULTILINE)
    one, several = (rf"^internal_model{end}:\n(?: .*\n)*" for end in ("", "s"))
    for given, password in ((text, SECRETS["SMTP_PASSWORD"]), (in_its_place, "secret")):
        for instead in (one, several):  # either of them may stand, not both
            without, count = re.subn(instead, "", given, count=1, flags=re.MULTILINE)
            settings = settings_of(without, tmp_path)
            assert count == 1 and settings.internal is not None and settings.internal.all[0].key in ("secret", "k")
        assert settings.notify.mail is not None and settings.notify.mail.password == password
    top = set(re.findall(r"^([a-z_]+):", text, re.MULTILINE))
    assert top == known_keys(NESTED[""])
    assert all(key in text for place in NESTED for key in known_keys(NESTED[place]))


def test_every_service_that_shows_its_accounts_is_told_and_no_other() -> None:
    section = read("docs/settings.md").partition("### `accounts`")[2].partition("\n### ")[0]
    assert re.findall(r"^\| `([a-z0-9-]+)` \|", section, re.MULTILINE) == sorted(SIGNS)


def test_the_mistake_in_the_settings_is_told_as_printed() -> None:
    with pytest.raises(SettingsError) as error:
        settings_of("lisen: 127.0.0.1:1\n")
    assert str(error.value) in read("docs/settings.md")


# -- policy -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", POLICY_REFERENCES)
def test_every_word_of_the_policy_is_explained(page: str) -> None:
    explained = {word for row in rows(page) for word in re.findall(r"`([^`]+)`", " ".join(row[:4]))}
    keys = {*load.KEYS, *classify.KEYS, *enact.KEYS, *enact.CONDITIONS, *define.WINDOW, *measure.QUOTA_KEYS}
    keys |= {*oblige.NOTICE_KEYS, *oblige.SHOW_KEYS, *oblige.ASK_KEYS, *suite.KEYS, *suite.EXPECTED}
    words = {*define.DAYS, *define.CATEGORIES, *enact.ACTIVITIES, *enact.ACCOUNTS, *head.OTHERWISE, define.ANY}
    words |= {*map(str, Verdict), *map(str, Treatment), *map(str, Mode), *map(str, RecordDetail), *oblige.OFTEN}
    told = {*keys, *words}
    assert {*told, *map(alias, told)} <= explained


@pytest.mark.parametrize("page", POLICY_REFERENCES)
def test_the_table_of_entities_is_whole(page: str) -> None:
    told = [row for row in rows(page) if row[0].strip("`") in ENTITIES]
    assert told == [
        [f"`{name}`", entity.en, entity.zh, "✓" if name in DEFAULT_ENTITIES else ""]
        for name, entity in ENTITIES.items()
    ]


REFUSALS = {
    "docs/policy.md": [("midjourney", "en"), ("midjourney", "zh"), ("kimi", "en")],
    "docs/policy.zh.md": [("midjourney", "zh"), ("kimi", "zh")],
}


@pytest.mark.parametrize("page", REFUSALS)
def test_refusals_read_as_the_page_says(page: str) -> None:
    policy = policy_of(next(block.text for block in blocks(page) if block.kind == "yaml policy.yaml"))
    for service, language in REFUSALS[page]:
        entry = SERVICES[service]
        now = datetime(2026, 11, 20, tzinfo=UTC)
        facts = Facts(service, entry.category, entry.country, "wangfang", frozenset(), "10.0.0.1", now, "prompt")
        decision = needs(policy, facts)
        assert isinstance(decision, Decision)
        said = compose(decision, entry.name, "SLC-20261120-7K2F9Q", language, "it-help@example.com").message
        assert said in read(page)


# -- scan -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def finder() -> Finder:
    return Finder(shipped_detectors())


def test_the_lines_of_scan_come_out_as_the_page_says(finder: Finder) -> None:
    lines_in, lines_out = (block.text for block in blocks("docs/scan.md") if block.kind == "json lines")
    out = StringIO()
    scan_lines(finder, DEFAULT_ENTITIES, lines_in.encode().splitlines(), out)
    assert out.getvalue() == lines_out
    for asked, told in zip(lines_in.splitlines(), lines_out.splitlines(), strict=True):
        assert all(found["end"] <= len(json.loads(asked)["text"]) for found in json.loads(told)["findings"])


def test_the_text_of_scan_comes_out_as_the_page_says(finder: Finder) -> None:
    asked = re.search(r"^echo '([^']+)' \| sluice scan$", read("docs/scan.md"), re.MULTILINE)
    assert asked
    lines = text_lines(look(finder, Wish(DEFAULT_ENTITIES), "(standard input)", asked[1] + "\n"))
    assert "\n".join([*lines, ""]) in [block.text for block in blocks("docs/scan.md") if block.kind == "text"]


# -- commands ---------------------------------------------------------------------------------------------------------


def leaves(command: object = ROOT_COMMAND, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """Give every command that does something, with its words."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield words, command
        return
    for name, one in inner.items():
        yield from leaves(one, (*words, name))


COMMANDS = dict(leaves())
LISTED = {words: one for words, one in COMMANDS.items() if not one.hidden}


def options(command: object) -> dict[str, object]:
    return {name: one for one in command.params for name in one.opts if name.startswith("-")}


def as_it_is(text: str) -> str:
    return text


def described(
    words: tuple[str, ...],
    command: object,
    said: Callable[[str], str] = as_it_is,
    colon: str = ": ",
    compulsory: str = " Compulsory.",
) -> str:
    """Return the section of `docs/cli.md` about a command, made from its help."""
    arguments = [one for one in command.params if not one.opts[0].startswith("-")]
    usage = " ".join([f"[{one.name.upper()}]" if not one.required else one.name.upper() for one in arguments])
    lines = [f"### `{' '.join(('sluice', *words, usage)).strip()}`", "", said(command.help.strip()), ""]
    told = [(f"`{one.name.upper()}`", one) for one in arguments]
    told += [
        (", ".join(f"`{name}`" for name in one.opts), one)
        for one in command.params
        if one not in arguments and one.name != "help"
    ]
    for names, one in told:
        lines.append(f"- {names}{colon}{said(one.help)}" + (compulsory if one.required else ""))
    return "\n".join(lines).strip() + "\n"


@each("words", LISTED, ids=" ".join)
def test_every_command_and_option_is_told_as_its_help_says(words: tuple[str, ...]) -> None:
    assert described(words, COMMANDS[words]) in read("docs/cli.md")
    assert described(words, COMMANDS[words], in_chinese, "：", "必填。") in read("docs/cli.zh.md")


@pytest.mark.parametrize("page", ["docs/cli.md", "docs/cli.zh.md"])
def test_no_command_is_told_that_is_not_there(page: str) -> None:
    assert len(re.findall(r"^### `sluice ", read(page), re.MULTILINE)) == len(LISTED)


@pytest.mark.parametrize(
    ("page", "last"),
    [
        ("docs/cli.md", max(Exit)),
        ("docs/cli.zh.md", max(Exit)),
        ("docs/scan.md", Exit.BUG),
        ("docs/scan.zh.md", Exit.BUG),
    ],
)
def test_every_exit_code_is_told(page: str, last: Exit) -> None:
    told = re.findall(r"^\| ([0-9]) \|", read(page), re.MULTILINE)
    assert told == [str(int(code)) for code in Exit if code <= last]


def uses(page: str) -> Iterator[str]:
    """Give every use of the command on a page, in shell blocks and in running text."""
    for block in blocks(page):
        if block.kind == "sh":
            yield from re.findall(r"(?:^|[|&;] *|\.venv/bin/)sluice ([^|\n#<>]+)", block.text, re.MULTILINE)
    running = re.sub(r"^ *```.*?^ *```$", "", read(page), flags=re.MULTILINE | re.DOTALL)
    yield from (found.replace("\n", " ") for found in re.findall(r"`sluice ([^`]+)`", running))


@pytest.mark.parametrize("page", PAGES)
def test_every_use_of_the_command_is_one_that_exists(page: str) -> None:
    for use in uses(page):
        typed = shlex.split(use)
        words = next((known for known in COMMANDS if list(known) == typed[: len(known)]), None)
        if words is None:
            groups = {known[0] for known in COMMANDS if len(known) > 1}
            assert typed[0] in groups | {"--version", "--help"}, use
            continue
        given = {word for word in typed if word.startswith("-")}
        assert given <= options(COMMANDS[words]).keys() | {"--help"}, use
        if "--service" in typed:
            assert names_a_service(words, typed[typed.index("--service") + 1]), use


def names_a_service(words: tuple[str, ...], word: str) -> bool:
    """Whether the command takes `word` for a service: an id; `*` too for grants, a name where one only asks."""
    if words == ("policy", "explain"):
        return services_of(CATALOGUE).called(word) is not None
    return word in SERVICES or (words[0] == "grants" and word == "*")


def test_a_use_that_names_no_service_is_noticed() -> None:
    assert names_a_service(("policy", "explain"), "豆包") and names_a_service(("policy", "explain"), "doubao")
    assert names_a_service(("grants", "add"), "*") and not names_a_service(("grants", "add"), "豆包")
    assert not names_a_service(("policy", "explain"), "豆豆包")


# -- links ------------------------------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", read(page)):
        path, _, anchor = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target


@pytest.mark.parametrize("page", ["docs/architecture.md"])
def test_every_module_and_test_the_plan_names_is_there(page: str) -> None:
    for name in re.findall(r"`(tests/[^`]+\.py)`", read(page)):
        assert (ROOT / name).is_file(), name
    for package in ("detectors", "policies", "proxy"):
        table = read(page).partition(f"| `{package}/` |")[2].partition("\n\n")[0]
        named = {
            word for row in re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE) for word in re.findall(r"`(\w+)`", row)
        }
        there = {path.stem for path in (ROOT / package).glob("*.py")} - {"__init__"}
        assert there <= named, there - named
        assert named <= there, named - there


def test_every_test_that_a_page_names_is_there() -> None:
    pages = [*(ROOT / "docs").glob("*.md"), *ROOT.glob("*.md"), ROOT / "bench" / "README.md"]
    named = {name for page in pages for name in re.findall(r"\btests/[\w/]+\.py\b", page.read_text("utf-8"))}
    assert len(named) > 50
    assert {name for name in named if not (ROOT / name).exists()} == set()
