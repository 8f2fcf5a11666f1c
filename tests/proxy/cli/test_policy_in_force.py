"""Whoever names no policy gets the one in force, is told which, and is not told of a file that speaks no more."""

import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import Result

from proxy.assemble import catalogue_of
from proxy.cli.exits import Exit
from proxy.cli.policy_in_force import clear_left, placed
from proxy.pin import Pin, set_pin
from proxy.publish.follow import COPY, write_copy
from proxy.settings.read import load_settings
from proxy.sources import Sources, content, pack, take_up
from proxy.store.interface import Store
from proxy.store.open import open_store
from proxy.workflow.permission import PolicyVersion
from tests.proxy.cli.office import furnish, run

CONFIG = Path("sluice.yaml")
OTHER = "policy: 使用规定\nversion: 2\notherwise: forbid\nrules: []\n"
EXPLAIN = ("explain", "--as", "王芳", "--service", "ChatGPT", "--says", "hello")
FILE_OF_NEXT = Path("next") / "policy.yaml"


@pytest.fixture(autouse=True)
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder whose file says version 1, and beside it version 2, which forbids."""
    monkeypatch.chdir(tmp_path)
    furnish(tmp_path)
    FILE_OF_NEXT.parent.mkdir()
    FILE_OF_NEXT.write_text(OTHER, "utf-8")


def follow_the_store() -> None:
    CONFIG.write_text(CONFIG.read_text("utf-8") + "\npolicy_from: store\n", "utf-8")


def policy(*words: str, language: str = "en_GB.UTF-8") -> Result:
    return run("policy", *words, language=language)


def opened() -> Store:
    return open_store("sqlite:///sluice.db", Path("state"))


def test_where_a_node_follows_the_store_what_is_published_is_meant_and_said() -> None:
    follow_the_store()
    done = policy("check")
    assert "nothing is published yet: this is the file " in done.stderr and "version 1@" in done.stdout
    assert policy("publish", str(FILE_OF_NEXT), "--by", "张敏", "--wait", "0").exit_code == Exit.OK
    for words, told in (
        (("check",), "version 2@"),
        (("test",), ""),
        (EXPLAIN, "this is refused"),
        (("when",), ""),
    ):
        done = policy(*words)
        assert done.stderr.startswith("release 1, published by 张敏, 20"), words
        assert told in done.stdout and done.exit_code in (Exit.OK, Exit.FOUND), done.output
    assert "发布 1，发布人 张敏" in policy("check", language="zh_CN.UTF-8").stderr
    named = policy("check", "policy.yaml")
    assert "release" not in named.stderr and "version 1@" in named.stdout


def test_what_has_happened_is_tried_on_the_policy_in_force_if_none_is_named() -> None:
    follow_the_store()
    policy("publish", str(FILE_OF_NEXT), "--wait", "0")
    Path("audit.jsonl").write_text("", "utf-8")
    done = policy("replay", "--audit", "audit.jsonl")
    assert done.exit_code == Exit.OK and done.stderr.startswith("release 1,"), done.output


def test_the_highest_release_counts_and_one_that_is_not_this_houses_does_not() -> None:
    follow_the_store()
    policy("publish", str(FILE_OF_NEXT), "--wait", "0")
    with closing(opened()) as store:
        release = store.get_release()
        assert release is not None
        store.put_release(replace(release, number=7, tag="x"), 1)
    write_copy(Path("state"), release, COPY)
    assert policy("check").stderr.startswith("release 1,")


def test_a_version_that_somebody_went_back_to_is_in_force_and_its_file_is_what_is_mended() -> None:
    _, sources = take_up(FILE_OF_NEXT, catalogue_of(load_settings(CONFIG, {})).names)
    Path("state").mkdir()
    with closing(opened()) as store:
        store.keep_policy(PolicyVersion("2@x", "x", pack(sources), datetime.now(UTC), "file"))
    set_pin(Path("state"), Pin("2@x", content(Path("policy.yaml")), "陈华"))
    done = policy(*EXPLAIN)
    assert "2@x, to which 陈华 went back, not " in done.stderr and "this is refused" in done.stdout
    done = policy("check")
    assert done.stderr == "" and "version 1@" in done.stdout


@pytest.mark.parametrize("name", ["../out.txt", "/tmp/out.txt", "a/../../out.txt"])
def test_a_text_is_laid_out_below_its_folder_or_not_at_all(tmp_path: Path, name: str) -> None:
    made = dict(
        placed(Sources("p", folder=False, files={"/etc/p.yaml": "x"}, beside={name: "y", "in/it.txt": "z"}), tmp_path)
    )
    assert made == {tmp_path / "p.yaml": "x", tmp_path / "in" / "it.txt": "z"}


def test_the_folder_of_a_command_that_was_killed_is_gone_with_the_next_and_one_in_use_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    code = (
        "import sys, tempfile; from proxy.cli.policy_in_force import own_folder; tempfile.tempdir = sys.argv[1]\n"
        "base = own_folder(); (base / 'policy.yaml').write_text('x'); print(base, flush=True); sys.stdin.read()"
    )
    words = [sys.executable, "-c", code, str(tmp_path / "temporary")]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        theirs = Path(other.stdout.readline().strip())
        not_ours = theirs.with_name("something-else")
        not_ours.mkdir()
        clear_left()
        assert (theirs / "policy.yaml").exists()
        other.kill()
        other.wait()
    assert theirs.exists()
    follow_the_store()
    assert policy("publish", str(FILE_OF_NEXT), "--wait", "0").exit_code == Exit.OK
    assert policy("check").exit_code == Exit.OK
    assert not theirs.exists() and not_ours.exists()


def test_what_cannot_be_explained_or_published_is_told_in_the_systems_language() -> None:
    Path("empty.jsonl").write_text("", "utf-8")
    for words, en, zh in (
        (
            ("explain", "SLC-20260102-ABCDEF", "--audit", "empty.jsonl"),
            "no request has the number",
            "没有编号为 SLC-20260102-ABCDEF 的请求",
        ),
        (("explain", "--service", "none"), "no service is called none", "没有名为 none 的服务"),
        (("publish", "policy.yaml"), "each node takes its own", "各节点使用自己的政策文件"),
    ):
        assert en in policy(*words).stderr.replace("\n", " "), words
        assert zh in policy(*words, language="zh_CN.UTF-8").stderr.replace("\n", ""), words
