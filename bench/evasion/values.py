"""Values that somebody must not send, and twins that look like them and may go.

Enters: a random generator, so that a seed always gives the same. Leaves: values with the words around them. All are
made up: numbers with right check digits that nobody was given, addresses on domains kept for examples.
"""

from dataclasses import dataclass, field
from random import Random

from detectors.checksums import cn_credit_code, cn_id_card, cn_organization_code, luhn

NUMBERS = ("id", "mobile", "card", "unionpay")
ALL = (*NUMBERS, "email", "key")
COUNTIES = ("110101", "310115", "440305", "330106", "510107", "320102", "420111", "610113", "350203", "370102")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = ("建国", "丽华", "晓东", "雪梅", "志强", "雨桐", "浩然", "思远", "海燕", "文静", "俊杰", "美玲", "国栋", "佳慧")
TERM, TERM_TRADITIONAL, TERM_PINYIN = "华星科技", "華星科技", "huaxing keji"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

ENTITIES = {
    "id": frozenset({"CN_ID_CARD", "CN_DRIVER_LICENSE"}),
    "mobile": frozenset({"PHONE_NUMBER"}),
    "card": frozenset({"CREDIT_CARD"}),
    "unionpay": frozenset({"CREDIT_CARD"}),
    "email": frozenset({"EMAIL_ADDRESS"}),
    "key": frozenset({"API_KEY"}),
    "name": frozenset({"PERSON"}),
    "term": frozenset({"CUSTOMER"}),
    "password": frozenset({"PASSWORD"}),
    "private": frozenset({"PRIVATE_KEY"}),
}
WORDS = {
    "id": ("请帮我核对身份证号", "的登记信息。"),
    "mobile": ("麻烦润色一下:有事请打电话", "找我。"),
    "card": ("Please draft a refund to card ", " for the guest."),
    "unionpay": ("请把报销款打到银行卡", "里,谢谢。"),
    "email": ("Write a polite reminder to ", " about the invoice."),
    "key": ("Why does this fail? api_key=", " is what I use."),
    "name": ("请给", "写一封感谢信,周五前发出。"),
    "term": ("请起草一份给", "的报价说明。"),
    "password": ("请登录后台看看, password: ", " 不对的话告诉我。"),
    "private": ("Deploy with this:\n", "\nthanks"),
}
TWIN_WORDS = {
    "id": ("请帮我核对流水号", "的发货信息。"),
    "mobile": ("麻烦润色一下:订单", "已经发出。"),
    "card": ("Please draft a note on batch ", " for the warehouse."),
    "unionpay": ("请把批次", "的入库单整理一下,谢谢。"),
    "email": ("Write a polite note on package ", " for the release."),
    "key": ("Why does this fail? revision ", " is what I use."),
    "name": ("请给", "写一封感谢信,周五前发出。"),
    "term": ("请起草一份给", "的报价说明。"),
    "password": ("表单里有一栏叫 password: ", " 请写说明。"),
    "private": ("Check this certificate:\n", "\nthanks"),
}


@dataclass(frozen=True, slots=True)
class Value:
    """Something to be hidden, and the words around it."""

    kind: str
    text: str = field(repr=False)
    before: str = ""
    after: str = ""
    twin: bool = False
    """Whether it is harmless."""

    @property
    def sentence(self) -> str:
        """The value in its words."""
        return self.before + self.text + self.after


def value(rng: Random, kind: str, *, twin: bool = False) -> Value:
    """Return a value of a kind, or a harmless twin of one."""
    made = (TWINS if twin else MAKERS)[kind](rng)
    return Value(kind, made, *(TWIN_WORDS if twin else WORDS)[kind], twin)


def digits(rng: Random, count: int) -> str:
    """Return so many digits."""
    return "".join(rng.choice("0123456789") for _ in range(count))


def id_check(body: str) -> str:
    """Return the check digit of GB 11643."""
    return "10X98765432"[sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(body)) % 11]


def citizen(rng: Random) -> str:
    """Return a citizen number."""
    born = f"{rng.randint(1950, 2005)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"
    body = rng.choice(COUNTIES) + born + digits(rng, 3)
    return body + id_check(body)


def harmless(text: str) -> bool:
    """Tell whether no check that others' numbers pass is passed by chance, in either direction."""
    return not any(
        check(one) for one in (text, text[::-1]) for check in (luhn, cn_id_card, cn_credit_code, cn_organization_code)
    )


def not_a_citizen(rng: Random) -> str:
    """Return a citizen number with a wrong check digit: nobody's, as an order number may well be."""
    while True:
        right = citizen(rng)
        for digit in rng.sample("0123456789", 10):
            if digit != right[17] and harmless(right[:17] + digit):
                return right[:17] + digit


def card(rng: Random, head: str, length: int) -> str:
    """Return a card number."""
    body = head + digits(rng, length - len(head) - 1)
    return next(body + check for check in "0123456789" if luhn(body + check))


def not_a_card(rng: Random, head: str, length: int) -> str:
    """Return a card number with a wrong check digit."""
    while True:
        right = card(rng, head, length)
        for digit in rng.sample("0123456789", 10):
            if digit != right[-1] and harmless(right[:-1] + digit):
                return right[:-1] + digit


def mobile(rng: Random) -> str:
    """Return a mobile number of the mainland."""
    return f"1{rng.choice('356789')}{rng.choice('0123456789')}" + digits(rng, 8)


def key(rng: Random) -> str:
    """Return a token of GitHub's form, or a key of AWS's."""
    if rng.random() < 0.5:
        return "ghp_" + "".join(rng.choice(LETTERS) for _ in range(36))
    return "AKIA" + "".join(rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") for _ in range(16))


def mailbox(rng: Random) -> str:
    """Return an address at a company that does not exist."""
    name = rng.choice(("anna", "li.wei", "jsmith", "zhang.min", "m.keller", "o.brien")) + str(rng.randint(1, 99))
    return f"{name}@{rng.choice(('huaxing-keji', 'northwind-trading', 'acme-steel'))}.{rng.choice(('com', 'cn', 'de'))}"


def package(rng: Random) -> str:
    """Return the name of a package with its version."""
    name = f"{rng.choice(('report', 'invoice', 'worker'))}-{rng.choice(('tools', 'core', 'kit'))}"
    return f"{name}_{rng.randint(1, 9)}.{rng.randint(0, 40)}"


def password(rng: Random) -> str:
    """Return a password as people choose them."""
    word = rng.choice(("Sommer", "Huaxing", "dragon", "Qwert", "Tiger"))
    return f"{word}{rng.choice('!@#$%')}{digits(rng, 4)}{rng.choice('xyzk')}"


def armour(rng: Random, head: str, size: int) -> str:
    """Return lines of base64 that begin with a head, as a key's or a certificate's do."""
    body = head + "".join(rng.choice(LETTERS + "+/") for _ in range(size))
    return "\n".join(body[at : at + 64] for at in range(0, len(body), 64))


PRIVATE_HEADS = (
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ",
    "MIIEowIBAAKCAQEA",
    "MHcCAQEEI",
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg",
    "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAA",
    "MIIFNTBfBgkqhkiG9w0BBQ0wUjAxBgkqhkiG9w0BBQwwJAQQ",
)
PUBLIC_HEADS = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA",
    "MIIDazCCAlOgAwIBAgIU",
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE",
    "AAAAB3NzaC1yc2EAAAADAQABAAABgQ",
)


MAKERS = {
    "id": citizen,
    "mobile": mobile,
    "card": lambda rng: card(rng, rng.choice(("4", "51", "53", "55")), 16),
    "unionpay": lambda rng: card(rng, "62" + digits(rng, 4), 19),
    "email": mailbox,
    "key": key,
    "name": lambda rng: rng.choice(SURNAMES) + rng.choice(GIVEN),
    "term": lambda _: TERM,
    "password": password,
    "private": lambda rng: armour(rng, rng.choice(PRIVATE_HEADS), rng.choice((200, 800, 1500))),
}
TWINS = {
    "id": not_a_citizen,
    "mobile": lambda rng: "2" + digits(rng, 9) + "0",
    "card": lambda rng: not_a_card(rng, rng.choice(("4", "51", "53", "55")), 16),
    "unionpay": lambda rng: not_a_card(rng, "62" + digits(rng, 4), 19),
    "email": package,
    "key": lambda rng: "".join(rng.choice("0123456789abcdef") for _ in range(40)),
    "name": lambda rng: rng.choice(("供应商", "合作伙伴", "客户", "评审专家", "志愿者", "全体同事")),
    "term": lambda rng: rng.choice(("合作方", "供应商", "采购部", "评审组")),
    "password": lambda rng: rng.choice(("required", "eight characters", "hidden by default", "至少八位", "string")),
    "private": lambda rng: armour(rng, rng.choice(PUBLIC_HEADS), rng.choice((200, 800, 1500))),
}
