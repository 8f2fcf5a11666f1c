"""Values of a column are digested alike however they are written, and those that say nothing are passed over."""

import numpy as np
import pytest

from detectors.company.columns import MOST, Column, Digester, Kind, Learnt
from detectors.company.mixing import Mixer

KEY = b"k" * 32
ALIKE = {
    Kind.NAME: (
        ("欧阳明月", "歐陽 明月", "欧\u200b阳明月", " 欧阳·明月 "),
        ("Maria Lopez", "MARIA  LOPEZ", "maria-lopez"),
    ),
    Kind.TEXT: (("上海北斗（集团）有限公司", "上海北斗(集团)有限公司", "上海北斗集团有限公司"),),
    Kind.ACCOUNT: (("6222021234567890", "6222 0212 3456 7890", "６２２２-0212-34567890"),),
    Kind.PHONE: (
        ("13812340001", "+86 138-1234-0001", "008613812340001", "86 13812340001"),
        ("021-12345678", "(021)12345678"),
    ),
    Kind.ID: (("11010119900307001X", "11010119900307001x", "110101 19900307 001X"),),
    Kind.EMAIL: (("a.b@c.com", "A.B@C.com"),),
}
NOTHING = {
    Kind.NAME: ("", "张", "Madonna", "N/A", "张三", "欧" * 9, "——"),
    Kind.TEXT: ("", "北", "word"),
    Kind.NUMBER: ("", "1234", "12345678", "无", "1" * (MOST + 1)),
    Kind.PHONE: ("", "110", "13800138000", "+86 13800138000"),
    Kind.ID: ("", "A123", "n/a"),
    Kind.EMAIL: ("", "a@b", "test@example.com", "a@b.com, c@d.com"),
}


def digested(kind: Kind, *values: str):
    digester = Digester(Column("x", kind), Mixer(KEY), KEY)
    return digester, digester.digest(list(values))


@pytest.mark.parametrize(("kind", "values"), [(kind, group) for kind, groups in ALIKE.items() for group in groups])
def test_one_value_has_one_digest_however_it_is_written(kind, values):
    _, made = digested(kind, *values)
    assert len(made.rows) == len(values)
    assert len(set(made.digests.tolist())) == len(set(made.mixed.tolist())) == 1


@pytest.mark.parametrize(("kind", "value"), [(kind, one) for kind, values in NOTHING.items() for one in values])
def test_what_says_nothing_is_passed_over(kind, value):
    digester, made = digested(kind, "", value, "")
    assert made.rows.tolist() == []
    assert digester.learnt.values == 0


def test_rows_keep_their_numbers_where_others_say_nothing():
    _, made = digested(Kind.NAME, "", "欧阳明月", "张三", "李明\n月", "王\r\n伟明")
    assert made.rows.tolist() == [1, 3, 4]


def test_an_escaped_line_end_moves_no_row():
    _, made = digested(Kind.NAME, "欧阳\\n明月", "李明月", "王\u2028伟明", "赵子龙")
    _, alone = digested(Kind.NAME, "赵子龙")
    assert made.rows.tolist()[-1] == 3
    assert made.digests[-1] == alone.digests[0]


def test_a_batch_is_as_its_values_one_by_one():
    values = ["欧阳明月", "Maria Lopez", "", "王伟", "ＺＨＡＯ Zilong"]
    _, together = digested(Kind.NAME, *values)
    alone = [digested(Kind.NAME, each)[1].digests for each in values]
    assert together.digests.tolist() == np.concatenate(alone).tolist()


def test_what_was_learnt_comes_back_from_plain_values():
    digester, _ = digested(Kind.NAME, "欧阳明月", "Maria Lopez")
    assert digester.learnt == Learnt({4, 10}, {2, 4}, 2)
    assert Learnt.of_json(digester.learnt.as_json()) == digester.learnt
