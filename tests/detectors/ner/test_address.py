"""Addresses fine enough to ring at a door are found whole, and what leads to them stays outside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.ner.address import addresses
from detectors.ner.mention import Mention
from detectors.ner.settle import choose
from detectors.normalise import normalise
from detectors.traditional import simplified


def found(text):
    view = simplified(normalise(text).text)
    return [view[one.start : one.end] for one in choose(list(addresses(view)))]


ADDRESSES = {
    "province to room": ("寄到广东省深圳市南山区科技园南路8号3栋1201室", ["广东省深圳市南山区科技园南路8号3栋1201室"]),
    "a municipality": ("我住在北京市海淀区中关村大街27号", ["北京市海淀区中关村大街27号"]),
    "without areas": ("公司在文三路90号", ["文三路90号"]),
    "with blanks": ("地址：浙江省杭州市 西湖区文三路 90 号 5 号楼", ["浙江省杭州市 西湖区文三路 90 号 5 号楼"]),
    "a key and a telephone": ("地址：成都市锦江区红星路三段1号，电话028-1", ["成都市锦江区红星路三段1号"]),
    "a key in JSON": (
        '{"地址":"上海市浦东新区世纪大道100号环球金融中心50层"}',
        ["上海市浦东新区世纪大道100号环球金融中心50层"],
    ),
    "an estate": ("家住朝阳区望京花园3号楼2单元501室。", ["朝阳区望京花园3号楼2单元501室"]),
    "an estate, a tower and a room": ("我家住望京SOHO T3 1205，电话", ["望京SOHO T3 1205"]),
    "an estate with figures": ("住在保利花园3-2-501", ["保利花园3-2-501"]),
    "a tower with a letter": ("寄到阳光100国际公寓B座1203。", ["阳光100国际公寓B座1203"]),
    "traditional characters": ("寄到臺北市中山區長安東路一段23號5樓", ["台北市中山区长安东路一段23号5楼"]),
    "American": (
        "at 350 Fifth Avenue, Suite 3300, New York, NY 10118.",
        ["350 Fifth Avenue, Suite 3300, New York, NY 10118"],
    ),
    "over lines": ("12 Oak St\nSpringfield, IL 62701\nUSA", ["12 Oak St\nSpringfield, IL 62701"]),
    "British": ("to 221B Baker Street, London NW1 6XE", ["221B Baker Street, London NW1 6XE"]),
    "British without a word for the road": ("at 5 Fisherhead, Whitby YO22 4ST.", ["5 Fisherhead, Whitby YO22 4ST"]),
    "German": ("GmbH\nAm Hirschwechsel 9, 82131 Gauting\nTel.", ["Am Hirschwechsel 9, 82131 Gauting"]),
    "Spanish with a floor": (
        "Calle del Doctor Fourquet 31, 3º B, 28012 Madrid | tel",
        ["Calle del Doctor Fourquet 31, 3o B, 28012 Madrid"],
    ),
    "Danish with a floor": (
        "c/o Lind, Nørregade 20, 2. th., 5000 Odense C. She",
        ["Nørregade 20, 2. th., 5000 Odense C"],
    ),
    "Swiss": ("Bahnhofstrasse 12a, CH-8001 Zürich", ["Bahnhofstrasse 12a, CH-8001 Zürich"]),
    "Norwegian on three lines": (
        "Fjordlys AS\nStrandgata 14\n9008 Tromsø\nNorway\n\nVAT",
        ["Strandgata 14\n9008 Tromsø\nNorway"],
    ),
    "French on two lines": ("Mme Roy\nRue des Lilas 4\n75011 Paris", ["Rue des Lilas 4\n75011 Paris"]),
    "Australian": ("at 120 Pitt Street, Sydney NSW 2000 today", ["120 Pitt Street, Sydney NSW 2000"]),
    "Canadian": ("15 Kingfisher Drive, Mississauga, ON L5M 4R2 |", ["15 Kingfisher Drive, Mississauga, ON L5M 4R2"]),
    "a floor before the door": (
        "office: Level 7, 120 Pitt Street, Sydney NSW 2000",
        ["Level 7, 120 Pitt Street, Sydney NSW 2000"],
    ),
    "a flat and a house before the door": (
        "Flat 16, Pemberton House, 4 Quayside Walk",
        ["Flat 16, Pemberton House, 4 Quayside Walk"],
    ),
    "a street alone": ("meet at 9 Elm Road tomorrow", ["9 Elm Road"]),
}
NO_ADDRESSES = {
    "a road without a number": "沿着中山路走",
    "a number without a road": "第8号文件",
    "a key without an address": "地址：待定",
    "an address of memory": "地址：0x7fffffff",
    "lines of a list": "Chapter 14\n9008 Words\nLevel 7, 12 points",
    "prose": "3 of the people went down the road",
    "figures after a name": "Line 4, 12345 items; Chapter 3, 2024 Report",
    "a version": "Python 3 St and 4.5 Way",
    "a place and a year": "住在上海 2024 年",
    "how long": "搬到北京 100 天了",
    "an amount": "送到仓库 3 500 件",
    "a date": "2024年3月8号去上海",
}


@pytest.mark.parametrize(("text", "want"), ADDRESSES.values(), ids=ADDRESSES)
def test_an_address_is_found_whole(text, want):
    assert found(text) == want


@pytest.mark.parametrize("text", NO_ADDRESSES.values(), ids=NO_ADDRESSES)
def test_less_than_an_address_is_none(text):
    assert found(text) == []


@given(st.text(alphabet=st.sampled_from("北京市海淀区路号栋室地址:12Ab ,\n在Oak St"), max_size=60))
def test_whatever_is_read_mentions_lie_in_the_text(text):
    for one in addresses(text):
        assert isinstance(one, Mention) and 0 <= one.start < one.end <= len(text)
