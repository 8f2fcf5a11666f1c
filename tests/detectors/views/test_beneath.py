"""What stands beneath a heading of passwords is found, value by value, and lists of other things are left alone."""

from hypothesis import given
from hypothesis import strategies as st

from tests.detectors.views.reading import found, redacted
from tests.rows import each

LISTS = {
    "items": ("passwords:\n- Rt#2026xx\n- correcthorse\n\nx", "passwords:\n- ⟦⟧\n- ⟦⟧\n\nx"),
    "one item": ("password:\n- Rt#2026xx", "password:\n- ⟦⟧"),
    "a map": ("passwords:\n  root: Rt#2026xx\nhost: db1", "passwords:\n  root: ⟦⟧\nhost: db1"),
    "what stands beside it": ("password:\n  value: Zw99kk12\nmodel: gpt-4o", "password:\n  value: ⟦⟧\nmodel: gpt-4o"),
    "Chinese": ("密码：\n- Rt#2026xx\n- Sommer2024", "密码：\n- ⟦⟧\n- ⟦⟧"),
    "numbered": ("密码列表:\n1. Rt#2026xx\n2. Sommer2024", "密码列表:\n1. ⟦⟧\n2. ⟦⟧"),
    "lines of one word": ("passwords:\nRt#2026xx\nSommer2024\n\nBye", "passwords:\n⟦⟧\n⟦⟧\n\nBye"),
    "lines in a letter": ("以下是我们的密码：\n\nRt#2026xx\nSommer2024\n", "以下是我们的密码：\n\n⟦⟧\n⟦⟧\n"),
    "a column under one heading": ("password\nRt#2026xx\nSommer2024\n", "password\n⟦⟧\n⟦⟧\n"),
    "a column in Chinese": ("清单\n\n初始密码\nRt#2026xx\nZw99kk12", "清单\n\n初始密码\n⟦⟧\n⟦⟧"),
    "a section": ("[passwords]\nroot = Rt#2026xx\n", "[passwords]\nroot = ⟦⟧\n"),
    "Markdown": ("## Passwords\n\n- root: Rt#2026xx\n", "## Passwords\n\n- root: ⟦⟧\n"),
    "a fragment": ('"passwords": [\n "Rt#2026xx",\n "Sommer2024"\n]', '"passwords": [\n "⟦⟧",\n "⟦⟧"\n]'),
    "a map in code": ('passwords = {"root": "Rt#2026xx"}', 'passwords = {"root": "⟦⟧"}'),
    "a shell": ("PASSWORDS=(Rt#2026xx Sommer2024)", "PASSWORDS=(⟦⟧ ⟦⟧)"),
    "elements": (
        "<passwords><item>Rt#2026xx</item><item>Sommer2024</item></passwords>",
        "<passwords><item>⟦⟧</item><item>⟦⟧</item></passwords>",
    ),
    "elements in others": (
        "<a><b>1</b><passwords><item>Rt#2026xx</item></passwords><x><password><value>Sommer2024</value></password></x></a>",
        "<a><b>1</b><passwords><item>⟦⟧</item></passwords><x><password><value>⟦⟧</value></password></x></a>",
    ),
    "many lines": ("passwords:\n" + "- Rt#2026xx\n" * 900 + "\nx", "passwords:\n" + "- ⟦⟧\n" * 900 + "\nx"),
    "many in brackets": (f"passwords = [{'"Rt#2026xx", ' * 900}]", f"passwords = [{'"⟦⟧", ' * 900}]"),
    "an element": ("<password><value>Rt#2026xx</value></password>", "<password><value>⟦⟧</value></password>"),
}


@each("text, want", LISTS.values(), list(LISTS))
def test_what_stands_beneath_the_heading_of_passwords_is_one(text: str, want: str) -> None:
    assert redacted(text) == want


HARMLESS = [
    "Username\nPassword\nremember2x9\nforgot7you\n",
    "密码\nremember2x9\n登录\n",
    "password\nversion2\nstep3\n",
    "password:\nmodel: gpt-4o\nserver: node7b2",
    "passwords:\n- bcrypt\n- argon2\n- SHA256\n",
    "password:\n  type: string\n  hint: Abc12345\n  min_length: 8\n",
    "Password policy:\n- Abc12345 is too weak\n- at least 12 characters\n",
    "password = {'hash': 'Rt2026xxQQ', 'salt': 'Ab12cd34Ef'}\n",
    "passwords = [hash1234(x), other5678]\n",
    "## Password\n\nSee RFC2898 and section4 below.\n",
    "passwords:\nversion2 is not\nSommer2024\n",
    "密码规则：\n- 至少8位\n- Abc12345 这样的太弱\n",
    "<password><policy>Abc12345</policy></password>",
]


@each("text", HARMLESS)
def test_lists_of_other_things_are_left_alone(text: str) -> None:
    assert found(text) == []


@given(st.text("ab12Zz:-=[]{}()<>/\"' \n密码#", max_size=120))
def test_whatever_stands_beneath_it_the_heading_stays_and_the_list_does(text: str) -> None:
    made = redacted(f"passwords:\n- Zw99kk12\n\n{text}")
    assert made.startswith("passwords:\n- ⟦⟧\n\n")
