"""All detectors together: what is found in real texts, what is not, and what happens when one fails."""

from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.agree import merge
from detectors.combined import PartlyTold
from detectors.dictionary import Dictionary
from detectors.find import DEFAULT_ENTITIES, Finder, shipped_detectors
from detectors.interface import CannotTell, Finding, Scan
from tests.thorough import drawn


@pytest.fixture(scope="module")
def finder():
    return Finder(shipped_detectors())


FOUND = {
    # next to Chinese characters
    "mobile": ("电话13800138000请回", ["PHONE_NUMBER:13800138000"]),
    "card": ("卡号4111111111111111请扣款", ["CREDIT_CARD:4111111111111111"]),
    "identity number": ("身份证110101199003074477已核", ["CN_ID_CARD:110101199003074477"]),
    "identity number with X": ("证号11010519491231002X的人", ["CN_ID_CARD:11010519491231002X"]),
    "mail": ("联系alice@example.com谢谢", ["EMAIL_ADDRESS:alice@example.com"]),
    "address": ("服务器10.2.3.4宕机", ["IP_ADDRESS:10.2.3.4"]),
    "foreign number": ("电话+1 415 555 0132谢谢", ["PHONE_NUMBER:+1 415 555 0132"]),
    "credit code": ("信用代码91350100M000100Y43的", ["CN_UNIFIED_SOCIAL_CREDIT_CODE:91350100M000100Y43"]),
    "plate": ("车牌京A12345违停", ["CN_VEHICLE_PLATE:京A12345"]),
    "password": ("密码是Hr2024!x，勿传", ["PASSWORD:Hr2024!x"]),
    "account abroad": ("汇入DE89370400440532013000账户", ["IBAN_CODE:DE89370400440532013000"]),
    "several": ("张三13800138000，卡6222021234567894", ["PHONE_NUMBER:13800138000", "CREDIT_CARD:6222021234567894"]),
    # full width and other digits
    "full-width mobile": ("电话１３８００１３８０００", ["PHONE_NUMBER:１３８００１３８０００"]),
    "full-width card": ("４１１１ １１１１ １１１１ １１１１", ["CREDIT_CARD:４１１１ １１１１ １１１１ １１１１"]),
    "full-width mail": ("ａｌｉｃｅ＠ｅｘａｍｐｌｅ．ｃｏｍ", ["EMAIL_ADDRESS:ａｌｉｃｅ＠ｅｘａｍｐｌｅ．ｃｏｍ"]),
    "circled digits": ("手机①③⑧⓪⓪①③⑧⓪⓪⓪", ["PHONE_NUMBER:①③⑧⓪⓪①③⑧⓪⓪⓪"]),
    "Arabic digits": ("phone ١٣٨٠٠١٣٨٠٠٠", ["PHONE_NUMBER:١٣٨٠٠١٣٨٠٠٠"]),
    # separators and invisible characters
    "dashes": ("138-0013-8000", ["PHONE_NUMBER:138-0013-8000"]),
    "long dashes": ("138–0013—8000", ["PHONE_NUMBER:138–0013—8000"]),
    "dots": ("138.0013.8000", ["PHONE_NUMBER:138.0013.8000"]),
    "card in fours": ("6222 0212 3456 7890 128", ["CREDIT_CARD:6222 0212 3456 7890 128"]),
    "card over lines": ("6222\n0212\n3456\n7894", ["CREDIT_CARD:6222\n0212\n3456\n7894"]),
    "identity number in parts": ("110101 19900307 4477", ["CN_ID_CARD:110101 19900307 4477"]),
    "one digit a line": ("手机：\n1\n3\n8\n0\n0\n1\n3\n8\n0\n0\n0", ["PHONE_NUMBER:1\n3\n8\n0\n0\n1\n3\n8\n0\n0\n0"]),
    "zero-width": ("138\u200b0013\u200b8000", ["PHONE_NUMBER:138\u200b0013\u200b8000"]),
    "ideographic spaces": ("138\u30000013\u30008000", ["PHONE_NUMBER:138\u30000013\u30008000"]),
    # English, code and configuration
    "a sentence": (
        "Mail bob@corp.example, or ring 020 7946 0958.",
        ["EMAIL_ADDRESS:bob@corp.example", "PHONE_NUMBER:020 7946 0958"],
    ),
    "social security": ("SSN: 536-22-1234", ["US_SSN:536-22-1234"]),
    "JSON": ('{"mobile":13800138000}', ["PHONE_NUMBER:13800138000"]),
    "a URL's query": ("/q?card=4111111111111111&x=1", ["CREDIT_CARD:4111111111111111"]),
    "an assignment": ("export DB_PASSWORD='s3cret-9'", ["PASSWORD:s3cret-9"]),
    "a connection string": ("redis://:p4ssw0rd@cache:6379", ["PASSWORD:p4ssw0rd"]),
}
NOT_FOUND = {
    "order numbers": "订单号 2024010112345678901，请查询订单 88420240115001",
    "a waybill": "运单号 SF1234567890123 已签收",
    "timestamps": "1700000000 1700000000000 1700000000.123456",
    "a log line": "2024-03-07T15:30:22.123Z INFO [main-12] took 1234567 us, pid=48213 tid=0x7f3a2b",
    "a Chinese log line": "2024年03月07日 15时30分22秒 处理完成，耗时1234567微秒，共98765432条",
    "versions": "Python 3.12.4, node v20.11.1, 版本1.2.3.4, kernel 6.1.0-18-amd64",
    "a commit": "commit da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "digests": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 md5:d41d8cd98f00b204e98009",
    "a UUID": "550e8400-e29b-41d4-a716-446655440000",
    "money": "合计￥1,234,567.89元，折合 USD 170,000.00",
    "decimals": "pi = 3.14159265358979323846",
    "a matrix": "1 0 0 0\n0 1 0 0\n0 0 1 0\n0 0 0 1",
    "a hex dump": "00000000: 7f45 4c46 0201 0100 0000 0000 0000 0000",
    "C++": "std::vector<std::pair<int, a::b>> x{1, 2};",
    "Python": "def login(user: str, password: str = None) -> Token: return get_token(user, password=password)",
    "configuration": "api_key: ${API_KEY}\npassword: <your-password>\ntoken = os.environ['TOKEN']",
    "documented examples": "AKIAIOSFODNN7EXAMPLE sk-xxxxxxxxxxxxxxxxxxxxxxxx",
    "package names": "npm i @types/node@20.11.5 left-pad@1.3.0",
    "prose": "The password policy changed; tokens and API keys must be rotated every 90 days.",
    "Chinese prose": "密码策略已更新，所有员工的密码长度不得少于12位，电话会议改到3月15日10:30。",
    "a formula": "=SUM(A1:B20)*1.0625/12-C3",
    "a date range": "2024/01/01-2024/12/31",
    "a book": "ISBN 978-7-111-12345-6",
    "a colour": "#1a2b3c rgba(12,34,56,0.78)",
    "a part number": "型号 E12345678，料号 A1234567B",
}


def names(scan, text):
    return [f"{one.entity}:{text[one.start : one.end]}" for one in scan.findings]


@pytest.mark.parametrize(("text", "want"), FOUND.values(), ids=FOUND)
def test_what_is_confidential_is_found_exactly(finder, text, want):
    assert names(finder.find(text), text) == want


@pytest.mark.parametrize("text", NOT_FOUND.values(), ids=NOT_FOUND)
def test_what_is_not_is_left_alone(finder, text):
    assert names(finder.find(text), text) == []


class Fixed:
    """A detector that answers from its arguments and counts how often it is asked."""

    name = "fixed"

    def __init__(self, answer, *entities):
        self.entities = frozenset(entities)
        self.answer = answer
        self.asked = 0

    def find(self, _text, entities):
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return tuple(one for one in self.answer if one.entity in entities)


def finding(start, end, entity="PHONE_NUMBER", score=0.5, detector="fixed"):
    return Finding(start, end, entity, score, detector)


WANTED = frozenset({"PHONE_NUMBER", "URL"})


@pytest.mark.parametrize("error", [CannotTell("slow"), ValueError("x"), RecursionError(), MemoryError()], ids=type)
def test_a_detector_that_fails_leaves_its_entities_unknown_and_the_others_answer(error):
    finder = Finder([Fixed(error, "URL", "UUID"), Fixed([finding(0, 3)], "PHONE_NUMBER")])
    assert finder.find("text", WANTED) == Scan((finding(0, 3),), frozenset({"URL"}))


@pytest.mark.parametrize(
    ("error", "told"), [(CannotTell("slow"), "slow"), (ValueError("13800138000"), "ValueError")], ids=["ours", "others"]
)
def test_who_asks_hears_which_detector_failed_and_why_and_nothing_of_the_text(error, told):
    heard = []
    fixed = Fixed(error, "URL")
    Finder([fixed], failed=heard.append).find("13800138000", WANTED)
    assert heard == [f"{fixed.name}: {told}"]


def test_a_failure_is_not_remembered():
    fixed = Fixed(CannotTell("slow"), "URL")
    finder = Finder([fixed])
    finder.find("text", frozenset({"URL"}))
    fixed.answer = [finding(0, 3, "URL")]
    assert finder.find("text", frozenset({"URL"})) == Scan((finding(0, 3, "URL"),))


def test_an_entity_that_no_detector_knows_is_unknown():
    assert Finder([Fixed([], "URL")]).find("text", frozenset({"PERSON", "URL"})).unknown == frozenset({"PERSON"})


def test_a_detector_is_not_asked_for_what_nobody_wants():
    fixed = Fixed([finding(0, 3)], "PHONE_NUMBER")
    assert Finder([fixed]).find("text", frozenset()) == Scan()
    assert fixed.asked == 0


def test_the_default_is_the_default_entities_and_all_of_the_companys_own():
    finder = Finder([Fixed([], "PHONE_NUMBER", "DATE_TIME"), Dictionary("names", "CUSTOMER", ["华星科技"])])
    assert finder.default == frozenset({"PHONE_NUMBER", "CUSTOMER"})
    assert "DATE_TIME" not in DEFAULT_ENTITIES
    assert names(finder.find("致华星科技"), "致华星科技") == ["CUSTOMER:华星科技"]


MERGED = {
    "the same entity": ([finding(0, 5, score=0.5), finding(3, 9, score=0.9)], [finding(0, 9, score=0.9)]),
    "another entity": ([finding(3, 9, "URL"), finding(0, 5)], [finding(0, 5), finding(3, 9, "URL")]),
    "one inside another": ([finding(0, 9, score=0.9), finding(3, 5)], [finding(0, 9, score=0.9)]),
    "touching": ([finding(0, 5), finding(5, 9)], [finding(0, 5), finding(5, 9)]),
    "another entity between": (
        [finding(0, 5), finding(1, 2, "URL"), finding(4, 9)],
        [finding(0, 9), finding(1, 2, "URL")],
    ),
}


@pytest.mark.parametrize(("found", "want"), MERGED.values(), ids=MERGED)
def test_findings_are_sorted_and_those_of_one_entity_merged_with_the_best_score(found, want):
    assert list(merge(found)) == want


def test_merged_findings_keep_what_speaks_for_each():
    found = [Finding(0, 5, "URL", 0.5, "one", ("check:luhn",)), Finding(3, 9, "URL", 0.9, "two", ("context:id",))]
    (one,) = merge(found)
    assert one.because == ("check:luhn", "context:id")


PEOPLE = frozenset({"PERSON", "ADDRESS", "LOCATION", "PHONE_NUMBER", "EMAIL_ADDRESS"})
TOGETHER = {
    "a name beside numbers": ("联系人：李娜，电话13800138000", ["PERSON:李娜", "PHONE_NUMBER:13800138000"]),
    "no name is cut out of a mail address": ("mail tom.baker@corp.example", ["EMAIL_ADDRESS:tom.baker@corp.example"]),
    "an address keeps its city, and not the number after it": (
        "地址：浙江省杭州市西湖区文三路90号5楼13800138000",
        ["ADDRESS:浙江省杭州市西湖区文三路90号5楼", "PHONE_NUMBER:13800138000"],
    ),
}


@pytest.mark.parametrize(("text", "want"), TOGETHER.values(), ids=TOGETHER)
def test_names_and_numbers_agree(finder, text, want):
    assert names(finder.find(text, PEOPLE), text) == want


def test_without_the_models_for_names_nobody_answers_for_them():
    finder = Finder(shipped_detectors(names=False))
    assert finder.find("text", frozenset({"PERSON", "URL"})).unknown == frozenset({"PERSON"})


def test_a_history_that_is_sent_again_costs_one_turn():
    fixed = Fixed([finding(0, 3)], "PHONE_NUMBER")
    finder = Finder([fixed])
    for turn in range(1, 51):
        for text in (f"turn {one}" for one in range(turn)):
            finder.find(text, WANTED - {"URL"})
    assert fixed.asked == 50


def test_a_text_seen_before_is_not_read_again_and_another_question_is():
    fixed = Fixed([finding(0, 3), finding(0, 3, "URL")], "PHONE_NUMBER", "URL")
    finder = Finder([fixed], cache_key=b"key")
    assert finder.find("text", WANTED) == finder.find("text", WANTED)
    assert fixed.asked == 1
    assert finder.find("text", frozenset({"URL"})).findings == (finding(0, 3, "URL"),)
    finder.find("texts", WANTED)
    assert fixed.asked == 3


def test_the_text_forgotten_first_is_the_one_not_asked_for_longest():
    fixed = Fixed([], "URL")
    finder = Finder([fixed], cache_size=2)
    for text in ("a", "b", "a", "c", "a", "b"):
        finder.find(text, frozenset({"URL"}))
    assert fixed.asked == 4


def test_texts_with_many_findings_are_forgotten_sooner_so_that_what_is_remembered_stays_small():
    finder = Finder([Fixed([finding(at, at + 1, "URL") for at in range(0, 10, 2)], "URL")], cache_size=10)
    for number in range(10):
        finder.find(f"text number {number}", frozenset({"URL"}))
    finder.find("text number 9", frozenset({"URL"}))
    kept = finder._cache._kept
    assert len(kept) == 4 and sum(map(len, kept.values())) == finder._cache._findings == 20


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("13912345678", 0),
        ("4111111111111111", 0),
        ("13912345678 Anna", 1),
        ("Anna", 1),
        ("QW5uYSBNaWxsZXIgbGl2ZXMgaGVyZQ==", 1),
    ],
)
def test_a_text_that_is_an_identifier_as_a_whole_costs_no_model_anything(text, asked):
    names = Fixed([], "PERSON")
    everywhere = Fixed([finding(0, len(text), "API_KEY")], "API_KEY") if text.endswith("=") else None
    detectors = [one for one in (*shipped_detectors(names=False), everywhere, names) if one is not None]
    Finder(detectors, cache_size=0).find(text, frozenset({"PHONE_NUMBER", "CREDIT_CARD", "API_KEY", "PERSON"}))
    assert names.asked == asked


def test_a_cache_of_no_size_keeps_nothing():
    fixed = Fixed([], "URL")
    finder = Finder([fixed], cache_size=0)
    for _ in range(2):
        finder.find("a", frozenset({"URL"}))
    assert fixed.asked == 2


def test_no_two_questions_share_a_fingerprint():
    fixed = Fixed([], "B", "C")
    finder = Finder([fixed])
    finder.find("a\0B", frozenset({"C"}))
    finder.find("a", frozenset({"B", "C"}))
    assert fixed.asked == 2


def test_many_threads_may_ask_at_once(finder):
    texts = [f"电话138001380{number:02d}" for number in range(20)] * 5
    wrong = []

    def ask():
        wrong.extend(text for text in texts if len(finder.find(text).findings) != 1)

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


class Many(Fixed):
    """A detector that is asked for several texts at once, and notes them."""

    def __init__(self, answer, *entities):
        super().__init__(answer, *entities)
        self.texts = []

    def find_all(self, texts, entities):
        self.texts.append(tuple(texts))
        if isinstance(self.answer, Exception):
            raise self.answer
        return [error if (error := ANSWERS.get(text)) else self.find(text, entities) for text in texts]


ANSWERS = {"slow": CannotTell("slow"), "partly": PartlyTold("x", frozenset({"URL"}), (finding(1, 2),))}


def test_several_texts_are_asked_for_at_once_each_once_and_the_known_ones_not_at_all():
    many, other = Many([finding(0, 3)], "PHONE_NUMBER"), Fixed([], "URL")
    finder = Finder([many, other])
    finder.find("known", WANTED)
    scans = finder.find_all(["a", "known", "b", "a"], WANTED)
    assert scans == [Scan((finding(0, 3),))] * 4
    assert many.texts == [("known",), ("a", "b")] and other.asked == 3
    assert finder.find_all([], WANTED) == [] and len(many.texts) == 2


def test_one_text_that_cannot_be_told_leaves_the_others_their_answers():
    finder = Finder([Many([finding(0, 3)], "PHONE_NUMBER", "URL")])
    assert finder.find_all(["a", "slow", "partly"], WANTED) == [
        Scan((finding(0, 3),)),
        Scan((), WANTED),
        Scan((finding(1, 2),), frozenset({"URL"})),
    ]
    assert finder.find_all(["slow"], WANTED) == [Scan((), WANTED)], "a failure is not remembered"


@pytest.mark.parametrize("error", [CannotTell("slow"), ValueError("x"), MemoryError()], ids=type)
def test_a_detector_that_fails_on_several_texts_leaves_its_entities_unknown_in_each(error):
    finder = Finder([Many(error, "URL"), Fixed([finding(0, 3)], "PHONE_NUMBER")])
    assert finder.find_all(["a", "b"], WANTED) == [Scan((finding(0, 3),), frozenset({"URL"}))] * 2


def test_a_detector_that_leaves_out_a_text_has_told_nothing():
    class Short(Many):
        def find_all(self, texts, entities):
            return super().find_all(texts, entities)[1:]

    finder = Finder([Short([finding(0, 3)], "PHONE_NUMBER")])
    assert finder.find_all(["a", "b"], frozenset({"PHONE_NUMBER"})) == [Scan((), frozenset({"PHONE_NUMBER"}))] * 2


PARTS = st.lists(
    st.lists(
        st.sampled_from(["电话13800138000", "Anna Weber", "张伟说", "met", "\n", " ", "，", "10.2.3.4"]), max_size=6
    ).map("".join),
    max_size=5,
)


@given(PARTS)
@settings(max_examples=drawn(25), deadline=None)
def test_several_texts_together_give_what_each_gives_alone(parts):
    together = Finder(DETECTORS, cache_size=0).find_all(parts, PEOPLE)
    assert together == [Finder(DETECTORS, cache_size=0).find(part, PEOPLE) for part in parts]


@given(st.text())
@settings(max_examples=drawn(100), deadline=None)
def test_any_text_gets_an_answer_that_lies_in_it(text):
    scan = Finder(DETECTORS, cache_size=0).find(text)
    assert scan.unknown == frozenset()
    assert all(0 <= one.start < one.end <= len(text) for one in scan.findings)
    assert list(scan.findings) == sorted(scan.findings)


DETECTORS = shipped_detectors()
