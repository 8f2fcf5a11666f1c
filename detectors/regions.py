"""Where the numbers of China say that somebody lives: the codes of GB/T 2260, as far as they have an order.

Enters: six digits. Leaves: whether they can be a county. Lists of counties change each year and old numbers keep
their old county, so nothing is looked up below the province: a number must not be missed because a county was renamed.
"""

from typing import Final

PROVINCES: Final = {
    "11": "北京", "12": "天津", "13": "河北", "14": "山西", "15": "内蒙古",
    "21": "辽宁", "22": "吉林", "23": "黑龙江",
    "31": "上海", "32": "江苏", "33": "浙江", "34": "安徽", "35": "福建", "36": "江西", "37": "山东",
    "41": "河南", "42": "湖北", "43": "湖南", "44": "广东", "45": "广西", "46": "海南",
    "50": "重庆", "51": "四川", "52": "贵州", "53": "云南", "54": "西藏",
    "61": "陕西", "62": "甘肃", "63": "青海", "64": "宁夏", "65": "新疆",
    "71": "台湾", "81": "香港", "82": "澳门", "83": "台湾",
}  # fmt: skip
"""First two digits. 81, 82 and 83 begin the residence permits of those who come from Hong Kong, Macao and Taiwan."""

WHOLE: Final = frozenset({"71", "81", "82", "83"})
"""Provinces without counties of their own: four noughts follow."""

MUNICIPALITIES: Final = frozenset({"11", "12", "31", "50"})
"""Cities ruled like provinces: 01 for districts, 02 for counties, and 03 once for Chongqing's."""


def county(code: str) -> bool:
    """Tell whether six digits can be the code of a county: province, prefecture, county."""
    province, prefecture, place = code[:2], code[2:4], code[4:6]
    if len(code) != 6 or not code.isascii() or not code.isdigit() or province not in PROVINCES:
        return False
    if province in WHOLE:
        return prefecture == "00"
    if province in MUNICIPALITIES:
        return prefecture in ("01", "02", "03") and place != "00"
    # 01-20 and 51-70 cities, 21-50 prefectures and leagues, 90 counties ruled by the province; 00 under none.
    return ("01" <= prefecture <= "70" or prefecture == "90") and place != "00"
