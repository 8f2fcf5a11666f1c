"""Made-up Chinese organisations and addresses come in every kind and shape."""

import re
from random import Random

import pytest

from detectors.ner.train.chinese_places import Places
from detectors.ner.train.lists import TRAIN

KINDS = {
    "dept": "[部组科处室办会院心]$",
    "school": "(大学|学院|中学|小学|学校|幼儿园)$",
    "hospital": "(医院|保健院|卫生服务中心)$",
    "bank": "(银行|支行|分行|营业部|农商行)$",
    "company": "(公司|集团|合伙企业（有限合伙）)$",
}


@pytest.mark.parametrize(("variant", "end"), KINDS.items())
def test_an_organisation_is_of_the_kind_that_was_asked_for(variant: str, end: str) -> None:
    places = Places(Random(1), TRAIN)
    names = [places.organisation(variant) for _ in range(60)]
    assert [name for name in names if not re.search(end, name)] == []
    assert len(set(names)) > 20


def test_addresses_vary_in_shape_and_are_of_street_level() -> None:
    places = Places(Random(2), TRAIN)
    whole = [places.address() for _ in range(300)]
    assert len(set(whole)) == 300
    assert all(any(mark in address for mark in "号栋幢座楼室层组路街道巷里弄环同户-") for address in whole)
    assert sum("单元" in address for address in whole) > 20 and sum("村" in address for address in whole) > 10
    assert all("\n" in places.address("multiline") or len(places.address("multiline")) > 5 for _ in range(5))


def test_partial_addresses_begin_at_the_road_or_the_building() -> None:
    places = Places(Random(3), TRAIN)
    partial = [places.address("partial") for _ in range(100)]
    assert sum(len(address) < 12 for address in partial) > 20
    assert any(address.endswith(("路口", "交叉口", "交汇处")) for address in partial)


def test_places_of_each_kind() -> None:
    places = Places(Random(4), TRAIN)
    assert all(places.place("station").endswith(("站", "机场")) for _ in range(30))
    assert len({places.place() for _ in range(300)}) > 150
    assert any(places.place("province").endswith("省") for _ in range(30))
