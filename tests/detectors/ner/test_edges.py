"""A name has its own edges: no marks, no title, no word of the sentence, all its initials; and what is none goes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.ner.edges import edged
from detectors.ner.mention import Mention


def seen(text, start, end, label="PERSON", firm=False):
    return edged(text, Mention(start, end, label, 0.95, ("model:latin",), firm))


def shown(text, words, label="PERSON", firm=False):
    start = text.index(words)
    one = seen(text, start, start + len(words), label, firm)
    return one and f"{one.label}:{text[one.start : one.end]}"


PEOPLE = {
    # the text, what a model saw, what is left
    "quotes": ('see "Bob" now', '"Bob"', "Bob"),
    "the mark of a comment": ("72,  # Tom Baker", "# Tom Baker", "Tom Baker"),
    "a hashtag": ("see #Anna now", "#Anna", "#Anna"),
    "blanks": ("see Bob now", " Bob ", "Bob"),
    "a bracket of its own": ("Acme (UK)", "Acme (UK", "Acme (UK)"),
    "a title": ("see Dr. Anna Weber", "Dr. Anna Weber", "Anna Weber"),
    "two titles": ("Prof. Dr. Anna Weber", "Prof. Dr. Anna Weber", "Anna Weber"),
    "a title in capitals": ("MR SMITH came", "MR SMITH", "SMITH"),
    "a title that is a name's beginning": ("Drew Lee", "Drew Lee", "Drew Lee"),
    "a possessive": ("Anna's cat", "Anna's", "Anna"),
    "an initial before": ("A. Rossi, 11 goals", "Rossi", "A. Rossi"),
    "two initials before": ("by M. K. Thapa", "Thapa", "M. K. Thapa"),
    "no initial, but a sentence": ("Plan B. Rossi left", "Rossi", "B. Rossi"),
    "the full stop of an initial": ("Rosie O. can do", "Rosie O", "Rosie O."),
    "an initial behind": ("driver Mamadou B. is", "Mamadou", "Mamadou B."),
    "a sentence behind": ("met Mamadou. I left", "Mamadou", "Mamadou"),
    "a junior": ("Fred Drake Jr. wrote", "Fred Drake Jr", "Fred Drake Jr."),
    "the cell beside": ("Anna Weber\t2024", "Anna Weber\t2024", "Anna Weber"),
    "the cell before": ("Qqq Oy      Gianluca", "Qqq Oy      Gianluca", "Gianluca"),
    "a word of another script": ("我和 Sophie 四月去", "Sophie 四月", "Sophie"),
    "the verb behind": ("主持人尚雯问阿来", "尚雯问", "尚雯"),
    "a date behind": ("总统哈桑·奥马尔七日抵达", "哈桑·奥马尔七日", "哈桑·奥马尔"),
    "a title that ends so": ("找李顾问签字", "李顾问", "李顾问"),
    "a Chinese title behind a whole name": ("章鹏飞同学捡到", "章鹏飞同学", "章鹏飞"),
    "the same in traditional characters": ("張雅婷老師說", "張雅婷老師", "張雅婷"),
    "a Chinese title behind a family name": ("王老师好", "王老师", "王老师"),
    "one behind a double family name": ("欧阳老师好", "欧阳老师", "欧阳老师"),
    "a title that begins with a name's character": ("王副书记来了", "王副书记", "王副书记"),
    "always, not a general manager": ("我同事阿杰总是迟到", "阿杰总", "阿杰"),
    "a general manager": ("王总是谁", "王总", "王总"),
    "a name beside a saying": ("Bob Weber says Bob's your uncle", "Bob Weber", "Bob Weber"),
    "a name that only begins as a saying does": ("王婆卖菜", "王婆", "王婆"),
    "whose program it is": ("Anna's pipeline broke", "Anna", "Anna"),
    "a name that ends so": ("('何同同','组')", "何同同", "何同同"),
}


@pytest.mark.parametrize(("text", "words", "want"), PEOPLE.values(), ids=PEOPLE)
def test_a_person_has_its_own_edges(text, words, want):
    assert shown(text, words) == f"PERSON:{want}"


NONE = {
    "nothing but marks": ("a -- b", "--", "PERSON"),
    "digits": ("a 1234", "1234", "PERSON"),
    "one letter": ("a B", "B", "PERSON"),
    "one character": ("张", "张", "PERSON"),
    "a stop word": ("use Redis", "Redis", "PERSON"),
    "a stop word in capitals": ("NEWTON", "NEWTON", "PERSON"),
    "a Chinese stop word": ("买黄金", "黄金", "PERSON"),
    "a relative": ("他姐夫说", "姐夫", "ORGANIZATION"),
    "two names of a test": ("the Kruskal–Wallis test", "Kruskal–Wallis", "ORGANIZATION"),
    "a theorem": ("by the Welch theorem", "Welch", "PERSON"),
    "a disease": ("has Parkinson's disease", "Parkinson", "PERSON"),
    "a Chinese theorem": ("用泰勒斯定理", "泰勒斯", "PERSON"),
    "a language": ("听不懂孟加拉语系", "孟加拉", "LOCATION"),
    "a language as a whole": ("说博杰普尔语的人", "博杰普尔语", "LOCATION"),
    "a saying": ("Bob's your uncle", "Bob", "PERSON"),
    "a saying with another apostrophe": ("and BOB’S YOUR UNCLE", "BOB", "PERSON"),
    "a Chinese saying": ("身在曹营心在汉", "曹营心", "PERSON"),
    "one in traditional characters": ("王婆賣瓜", "王婆", "PERSON"),
    "a place in one": ("有眼不识泰山", "泰山", "LOCATION"),
    "a dish": ("make beef Wellington now", "Wellington", "LOCATION"),
    "a program": ("a Hudson pipeline failed", "Hudson", "PERSON"),
    "a program in Chinese": ("学 Julia 语言", "Julia", "PERSON"),
    "a list": ("丁是丁,卯是卯", "丁,卯", "PERSON"),
}


@pytest.mark.parametrize(("text", "words", "label"), NONE.values(), ids=NONE)
def test_what_only_looks_like_a_name_is_none(text, words, label):
    assert shown(text, words, label) is None


def test_a_stop_word_in_a_longer_name_is_part_of_it():
    assert shown("Isaac Newton", "Isaac Newton") == "PERSON:Isaac Newton"


def test_a_saying_at_the_edge_of_a_text_is_looked_for_in_the_text_alone():
    assert shown("m Bob", "Bob") == "PERSON:Bob"
    assert shown("Bob's your uncl", "Bob") == "PERSON:Bob"


def test_a_form_may_name_what_is_otherwise_no_name_and_keeps_its_edges():
    assert shown("高明", "高明") is None
    assert shown("高明", "高明", firm=True) == "PERSON:高明"
    assert shown("Name: Dr. Lee", "Dr. Lee", firm=True) == "PERSON:Dr. Lee"


def test_a_place_before_a_play_is_one():
    assert shown("看北京话剧", "北京", "LOCATION") == "LOCATION:北京"


PLACES = {
    "a state": ("'Jackson, MS'", "Jackson, MS"),
    "a province": ("'Putian, Fujian'", "Putian, Fujian"),
    "a country": ("to Sofia, Bulgaria", "Sofia, Bulgaria"),
}


@pytest.mark.parametrize(("text", "words"), PLACES.values(), ids=PLACES)
def test_a_town_with_its_region_is_no_person(text, words):
    assert shown(text, words) == f"LOCATION:{words}"


@pytest.mark.parametrize("name", ["Tom Collins", "John Collins", "Roy Rogers", "Jack Russell", "Mickey Finn"])
def test_people_who_are_called_as_a_drink_or_a_dog_are_people(name):
    assert shown(f"Ask {name} about the contract", name) == f"PERSON:{name}"
    assert shown(f"How do I mix a {name.lower()}?", name.lower()) is None


def test_a_family_name_first_is_one():
    assert shown("Weber, Anna", "Weber, Anna") == "PERSON:Weber, Anna"


@given(st.text(alphabet=st.sampled_from("AnaMr. 张伟问七日\t,'s–(){}1\n"), min_size=1, max_size=24), st.data())
def test_edges_lie_in_the_text(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    for label in ("PERSON", "ADDRESS", "LOCATION"):
        one = seen(text, start, end, label)
        assert one is None or 0 <= one.start < one.end <= len(text)


@pytest.mark.parametrize(
    ("text", "words", "want"),
    [
        ("小米手环怎么充电", "小米手环", None),
        ("格力空调不制冷", "格力", None),
        ("格力空調不製冷", "格力", None),
        ("格力的董事长", "格力", "ORGANIZATION:格力"),
        ("恒远空调设备公司", "恒远空调设备公司", "ORGANIZATION:恒远空调设备公司"),
    ],
)
def test_goods_are_no_body_nor_is_their_maker_before_them(text, words, want):
    assert shown(text, words, "ORGANIZATION") == want
