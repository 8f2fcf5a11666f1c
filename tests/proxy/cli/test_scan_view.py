"""What a person sees: lines with marks, in their language, and nothing in a file that moves their terminal."""

from dataclasses import replace

import pytest

from policies.decision import Text
from proxy.cli.scan_look import Closed, Looked, Wish, look
from proxy.cli.scan_view import Sum, colour, view
from tests.proxy.cli.scanned import BOTH, small_finder

NUMBER = "4111 1111 1111 1111"


def test_a_file_of_several_parts_with_findings_counts_once() -> None:
    sums = Sum()
    for wish, inner in ((BOTH, False), (frozenset(), True), (BOTH, True), (BOTH, False), (frozenset(), False)):
        sums.add(replace(look(small_finder(), Wish(wish), "a", "4111 1111 1111 1111"), inner=inner))
    assert (sums.files, sums.with_findings, sums.findings) == (3, 2, 3)


def seen(text: str, language: str = "en", **options: object) -> list[str]:
    one = look(small_finder(), Wish(BOTH, lines=True), "a.txt", text)
    return [line.plain for line in view(one, language, **options)]


def test_a_line_is_shown_with_its_number_and_what_was_found_below_it() -> None:
    assert seen(f"x\n卡号 {NUMBER} end") == [
        "a.txt",
        f"  2 │ 卡号 {'█' * 19} end",
        "    │ 4: CREDIT_CARD bank card number  0.95 small-credit_card",
        "",
    ]


def test_reasons_and_names_are_in_the_readers_language() -> None:
    told = seen(f"卡号 {NUMBER}", "zh", explain=True)[2]
    assert "银行卡号" in told and told.endswith("通过校验 luhn（校验位正确），附近有“卡号”")


def test_what_stands_in_a_file_does_not_reach_the_terminal_as_a_command() -> None:
    [_, line, *_] = seen(f"\x1b[2J\u200e\t{NUMBER}")
    assert line == f"  1 │ \\u001b[2J\\u200e  {'█' * 19}"


def test_what_is_unknown_is_told_and_what_is_clean_is_not() -> None:
    assert seen("unspeakable")[1] == "  PERSON: could not be looked for"
    assert seen("nothing") == []
    bad = Looked("b", problem=Text("why", "为何"))
    assert [line.plain for line in view(bad, "zh")][1] == "  未能检查: 为何"


def test_what_could_not_be_read_is_told_and_counted() -> None:
    shut = Looked("b", closed=(Closed(7, 11, 2, 4),))
    assert [line.plain for line in view(shut, "zh")][1] == "  2:4: 无法读取：4 个字符已加密、打包或为杂乱数据"
    sums = Sum()
    sums.add(shut)
    assert (sums.files, sums.unknown, sums.findings) == (1, 1, 0)


def test_a_picture_in_a_folder_is_counted_and_not_shown() -> None:
    picture = Looked("p.png", problem=Text("it is no text"), binary=True)
    assert list(view(picture, "en")) == []
    sums = Sum()
    sums.add(picture)
    assert (sums.files, sums.binary, sums.unknown) == (0, 1, 0)


def test_a_picture_that_was_named_is_unknown_and_refused() -> None:
    sums = Sum()
    sums.add(Looked("p.png", problem=Text("it is no text"), binary=True, named=True))
    assert (sums.binary, sums.unknown, sums.refused) == (0, 1, 1)


def test_the_sum_says_in_one_line_what_was_not_looked_into() -> None:
    sums = Sum(files=1, with_findings=1, findings=2, unknown=3, binary=4, links=5, guessed=6)
    assert sums.line() == (
        "1 file looked into; 2 findings in 1; 3 unknown, which is not the same as clean; 4 left out because they are "
        "no text; 5 left out because they are links or devices; 6 not in UTF-8"
    )
    assert sums.line("zh") == (
        "检查了 1 个文件，在 1 个中发现 2 处；3 个不确定，不等于没有问题；4 个不是文本，已略过；"
        "5 个是链接或设备，已略过；6 个不是 UTF-8"
    )
    assert (Sum().line(), Sum().line("zh")) == ("0 files looked into; 0 findings", "检查了 0 个文件，没有发现")


@pytest.mark.parametrize(("score", "name"), [(0.8, "red"), (0.5, "yellow"), (0.49, "cyan")])
def test_the_surer_the_warmer(score: float, name: str) -> None:
    assert colour(score) == name
