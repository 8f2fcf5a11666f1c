"""What is wrong with a file is told in both languages, all of it at once."""

import pytest

from detectors.interface import DetectorError
from detectors.slips import Slips, Where, meant, unread

AT = Where("a.yaml:3: rule x", "a.yaml 第 3 行：规则 x")


def test_a_place_says_what_is_wrong_there_in_each_language():
    error = AT.under("context").wrong("no", "不行")
    assert (str(error), error.chinese) == ("a.yaml:3: rule x: context: no", "a.yaml 第 3 行：规则 x：context：不行")


def test_slips_are_raised_together_a_line_each_in_either_language():
    slips = Slips()
    with slips:
        raise AT.wrong("one", "一")
    slips.add(AT.wrong("two", "二"))
    with pytest.raises(DetectorError) as raised:
        slips.stop()
    assert str(raised.value).splitlines() == [f"{AT.en}: one", f"{AT.en}: two"]
    assert raised.value.chinese.splitlines() == [f"{AT.zh}：一", f"{AT.zh}：二"]


def test_another_error_is_no_slip_and_none_raises_nothing():
    slips = Slips()
    with pytest.raises(KeyError), slips:
        raise KeyError("x")
    slips.stop()


@pytest.mark.parametrize(
    ("word", "asked"), [("scor", ("did you mean `score`? ", "是否想写 `score`？")), ("zzz", ("", ""))]
)
def test_the_nearest_word_is_asked_about_where_one_is_near(word, asked):
    assert meant(word, {"score", "edges"}) == asked


@pytest.mark.parametrize(
    ("error", "en", "zh"),
    [
        (FileNotFoundError(2, "No such file or directory"), "No such file or directory", "没有这个文件或文件夹"),
        (PermissionError(13, "Permission denied"), "Permission denied", "没有权限"),
        (OSError(5, "Input/output error"), "Input/output error", "Input/output error"),
        (
            UnicodeDecodeError("utf-8", b"a\n\xff", 2, 3, "bad"),
            "line 2: it is not written in UTF-8; save it as UTF-8",
            "第 2 行不是 UTF-8 编码；请另存为 UTF-8",
        ),
    ],
)
def test_why_a_file_cannot_be_read_is_told_in_both_languages(error, en, zh):
    told = unread("a.yaml", error)
    assert (str(told), told.chinese) == (f"a.yaml: cannot be read: {en}", f"a.yaml：无法读取：{zh}")
