"""Texts made to keep a detector busy: long runs, near misses, things begun and never ended, codes within codes.

Enters: a number of characters. Leaves: for each kind a text of just so many, in which nothing need be found. All made
up. What such a text costs must grow with its length and with nothing else; `bench.hostile` measures that, and the
tests count it.
"""

import base64
import json
import random
from collections.abc import Callable
from itertools import accumulate, repeat

from bench.detect_texts import samples

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国文志海燕春梅新宇浩然子轩雨泽欣怡梓涵思远嘉懿煜城"
FIRST = [
    "James",
    "Mary",
    "Robert",
    "Patricia",
    "John",
    "Jennifer",
    "Michael",
    "Linda",
    "David",
    "Elizabeth",
    "William",
    "Barbara",
    "Richard",
    "Susan",
]
LAST = [
    "Smith",
    "Johnson",
    "Williams",
    "Brown",
    "Jones",
    "Garcia",
    "Miller",
    "Davis",
    "Rodriguez",
    "Martinez",
    "Hernandez",
    "Lopez",
    "Gonzalez",
]
TERMS = ("Falcon", "北辰计划", "Blue Heron Ltd", "青田资本", "机密")
"""What the company's own data holds, for those texts that repeat it."""

type Make = Callable[[int], str]


def again(*pieces: str) -> Make:
    """Return what makes a text of the pieces, over and over."""
    piece = "".join(pieces)
    return lambda length: (piece * (length // len(piece) + 1))[:length]


def counted(form: str) -> Make:
    """Return what makes a text of one form with a number in it that grows."""

    def make(length: int) -> str:
        found, size, number = [], 0, 0
        while size < length:
            found.append(form.format(number))
            size += len(found[-1])
            number += 1
        return "".join(found)[:length]

    return make


def drawn(characters: str, seed: int = 1) -> Make:
    """Return what makes a text of characters drawn at random."""
    return lambda length: "".join(random.Random(seed).choices(characters, k=length))


def prose(language: str) -> Make:
    """Return what makes a text of sentences: what all others are beside."""

    def make(length: int) -> str:
        found, size = [], 0
        for sentence, _ in samples(language):
            found.append(sentence + (" " if language == "en" else ""))
            size += len(found[-1])
            if size >= length:
                break
        return again(*found)(length)

    return make


def encoded(depth: int) -> Make:
    """Return what makes base64 of base64 and so on."""

    def make(length: int) -> str:
        text = prose("en")(length * 3**depth // 4**depth + 8)
        for _ in range(depth):
            text = base64.b64encode(text.encode()).decode()
        return text[:length]

    return make


def many_codes(length: int) -> str:
    """Return short codes, each of which holds another."""
    inner = base64.b64encode(b"the meeting is at nine on Monday").decode()
    return again(base64.b64encode(f"see {inner} ".encode()).decode(), " ")(length)


def tokens_of(header: str) -> Make:
    """Return what makes a token of three parts, as long as the text."""
    return lambda length: (
        header + "." + again("eyJzdWIiOiIxMjM0In")(length // 2) + "." + again("dBjftJeZ4CVP")(length)
    )[:length]


def cells(length: int) -> str:
    """Return a table of numbers and words."""
    return again("1024,Berlin,3.14,open,2024-03-01,77,north,0.5,ok,12\n")(length)


def people(length: int) -> str:
    """Return a list of names in both scripts, one a line."""
    pick = random.Random(3)
    found, size = [], 0
    while size < length:
        given = pick.choice(GIVEN) + pick.choice(GIVEN)
        found.append(f"{pick.choice(SURNAMES)}{given}, {pick.choice(FIRST)} {pick.choice(LAST)}\n")
        size += len(found[-1])
    return "".join(found)[:length]


def nested(length: int) -> str:
    """Return JSON in a string of JSON, many times over: the backslashes double each time."""
    text = '{"a":"b"}'
    for _ in range(8):
        text = json.dumps({"text": text})
    return again(text)(length)


def climbing(length: int) -> str:
    """Return runs of digits, each one longer than the last."""
    sizes = accumulate(repeat(1))
    found, size = [], 0
    while size < length:
        found.append("7" * next(sizes))
        size += len(found[-1]) + 1
    return " ".join(found)[:length]


PROSE: dict[str, Make] = {"prose, English": prose("en"), "prose, Chinese": prose("zh")}
"""Beside these all others are measured."""

RUNS: dict[str, Make] = {
    "dashes": again("-"),
    "underscores": again("_"),
    "opening brackets": again("["),
    "opening parentheses": again("("),
    "closing brackets": again("]"),
    "pairs of braces": again("{}"),
    "dots": again("."),
    "commas": again(","),
    "colons": again(":"),
    "slashes": again("/"),
    "asterisks": again("*"),
    "pipes": again("|"),
    "equals signs": again("="),
    "double quotes": again('"'),
    "single quotes": again("'"),
    "backticks": again("`"),
    "backslashes": again("\\"),
    "percent signs": again("%"),
    "ampersands": again("&"),
    "at signs": again("@"),
    "plus signs": again("+"),
    "hashes": again("#"),
    "less-than signs": again("<"),
    "blanks": again(" "),
    "tabs": again("\t"),
    "line breaks": again("\n"),
    "carriage returns": again("\r\n"),
    "letters": again("a"),
    "capital letters": again("A"),
    "one ideograph": again("的"),
    "NUL": again("\0"),
    "control characters": again(*map(chr, range(1, 9))),
    "lone surrogates": again("\ud800"),
}
"""One sign, over and over."""

NUMBERS: dict[str, Make] = {
    "exponents": again("phone 1.3800138e10 "),
    "letters for digits": again("l3OO"),
    "letters for digits, apart": again("手机 l38OOl38OOO "),
    "digits that are said": again("one two "),
    "digits that are said, nearly": again("phone onetwo-"),
    "groups with words between": again("手机138某0013某"),
    "numbers of characters": again("49 50 "),
    "numbers of characters, many codes": again("[49, 51, 56, 48, 48, 49, 51, 56, 48, 48, 48] "),
    "passwords told": again("密码改成了 password is "),
    "passwords before their word": again("Abc12345是密"),
    "nines": again("9"),
    "digits": again("1234567890"),
    "digits, spaced": again("1 2 3 4 5 6 7 8 9 0 "),
    "digits, dashed": again("12-34-56-78-90-"),
    "digits, dotted": again("1.2.3.4.5.6.7.8.9."),
    "digits, one a line": again("1\n2\n3\n4\n5\n6\n7\n8\n9\n0\n"),
    "digits at random": drawn("0123456789"),
    "digits and blanks at random": drawn("0123456789   "),
    "digits and signs at random": drawn("0123456789 ()+-./"),
    "digits in longer and longer runs": climbing,
    "full-width digits": again("１２３４５６７８９０"),
    "telephones begun": again("+1 "),
    "telephones of no plan": counted("+1 555 {:07d} "),
    "mobile numbers of China, nearly": counted("138{:07d} "),
    "cards, nearly": counted("4111 1111 1111 {:04d} "),
    "cards in one run": again("4111111111111112"),
    "identity numbers, nearly": counted("11010119900307{:04d} "),
    "social security numbers": counted("219-09-{:04d} "),
    "IBAN, nearly": counted("DE89 3704 0044 0532 {:06d} "),
    "IPv4, no end": again("10.20.30."),
    "IPv6 colons": again("fe80:"),
    "IPv6 addresses, nearly": again("2001:db8:85a3:8d3:1319:8a2e:370:7348:"),
    "MAC addresses, no end": again("00:1a:2b:"),
    "dates": counted("2024-03-{:02d}T10:00:00Z "),
}
"""Numbers that nearly are something."""

WORDS: dict[str, Make] = {
    "one long word": drawn("abcdefghijklmnopqrstuvwxyz"),
    "one long line": again("the quick brown fox jumps over the lazy dog "),
    "humps": again("sendToJohnSmith"),
    "letters and digits in turn": again("a1"),
    "hexadecimal": drawn("0123456789abcdef"),
    "hexadecimal in fours": again("7f45 4c46 0201 0100 "),
    "a long token": drawn("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"),
    "letters and at signs": again("a@"),
    "dotted words": again("a."),
    "dotted words before an at sign": lambda length: (again("ab.")(length - 1) + "@")[-length:],
    "addresses, nearly": again("alice@example "),
    "addresses of mail, no blank": again("a@b.co"),
    "web addresses begun": again("http://"),
    "web addresses": again("https://a.example/x?y=z&"),
    "www": again("www."),
    "paths": again("/usr/local/lib"),
    "drives": again("C:\\n"),
    "a drive and a long path": lambda length: ("C:\\" + again("new\\table\\")(length))[:length],
    "capitalised words": again("Alpha Beta "),
    "titles": again("Mr. "),
    "titles and names": again("Mr. Smith, Dr. Jones and "),
    "companies, nearly": again("Alpha & Beta and "),
    "streets, nearly": again("12 Long Road Lane "),
    "a list that goes on": again("Alpha, "),
    "a list of names that goes on": again("Mary Smith, "),
    "words for wallets": again("abandon ability able about above absent "),
    "words to be near": again("phone password card passport "),
    "keys of forms": again("name: "),
    "keys of headers": again("From: To: Cc: "),
}
"""Latin letters."""

CHINESE: dict[str, Make] = {
    "surnames": drawn(SURNAMES),
    "surnames and given names": drawn(SURNAMES + GIVEN),
    "provinces, cities, districts": again("省市区"),
    "streets and numbers": again("路1号"),
    "keys of forms in Chinese": again("姓名："),
    "keys of addresses": again("地址："),
    "words to be near, in Chinese": again("电话密码身份证"),
    "titles in Chinese": again("王总"),
    "companies in Chinese, nearly": again("有限公司"),
    "interpuncts": again("阿·"),
    "ideographic commas": again("王伟、"),
    "traditional": again("張偉電話"),
    "numerals": again("一三八零零"),
}
"""Ideographs."""

ESCAPES: dict[str, Make] = {
    "escapes of JSON": again("\\u0031"),
    "escapes within escapes": again("\\\\u0031"),
    "half pairs": again("\\ud83d"),
    "line breaks escaped": again("\\n"),
    "backslashes before a letter": again("\\\\\\\\\\\\\\\\n"),
    "JSON in JSON": nested,
    "entities": again("&#49;"),
    "entities, nearly": again("&amp"),
    "entities within entities": again("&amp;amp;amp;"),
    "percent encoding": again("%31%32"),
    "percent encoding within itself": again("%252531"),
    "percent encoding of no text": again("%ff%fe"),
    "bytes": again("\\xe5\\xbc\\xa0"),
}
"""Characters spelt out."""

UNICODE: dict[str, Make] = {
    "zero-width": again("a\u200b"),
    "zero-width alone": again("\u200b"),
    "combining marks": again("e" + "\u0301\u0302\u0303\u0304" * 4),
    "combining marks alone": again("\u0301"),
    "emoji": again("👩\u200d👩\u200d👧\u200d👦"),
    "flags": again("🇩🇪"),
    "right-to-left": again("שלום עולם "),
    "overrides": again("\u202eabc\u202c"),
    "look-alikes": again("раураl "),
    "look-alikes in one word": again("а"),
    "ligatures": again("\ufdfa"),
    "tags": again("\U000e0041"),
    "beyond the first plane": again("𝟙𝟛𝟠"),
    "hangul": again("가나다"),
}
"""What reads as something else."""

SECRETS: dict[str, Make] = {
    "base64": encoded(1),
    "base64 of base64": encoded(2),
    "base64 of base64 of base64": encoded(3),
    "base64, many times": encoded(6),
    "many codes": many_codes,
    "base64 of nothing": again("QUFB"),
    "a web token": tokens_of("eyJhbGciOiJIUzI1NiJ9"),
    "web tokens begun": again("eyJhbGciOiJIUzI1NiJ9."),
    "private keys begun": again("-----BEGIN PRIVATE KEY-----\n"),
    "private keys begun, and lines": again("-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n"),
    "prefixes of keys": again("sk-"),
    "prefixes of keys, mixed": again("ghp_ AKIA xoxb- glpat- "),
    "prefixes of keys, no blank": again("ghp_AKIAsk-xoxb-"),
    "keys, nearly": counted("AKIA{:012d}XY "),
    "passwords": again("password="),
    "passwords with values": counted("password=hunter{} "),
    "passwords in JSON": again('"password":"'),
    "passwords in Chinese": again("密码："),
    "user:password@": again("://u:p@"),
    "connection strings": again("postgres://user:"),
    "secrets of Kubernetes begun": again('{"kind":"Secret","data":{"salt":"UnQjMjAyNnh4",'),
    "secrets of Kubernetes, and lines": again("kind: Secret\n ,data:\n"),
    "bearer": again("Authorization: Bearer "),
}
"""Codes, keys and what stands before them."""

TABLES: dict[str, Make] = {
    "cells": cells,
    "cells, empty": again(",,,,,,,,,\n"),
    "a heading of many columns": again("name,"),
    "headings": again("name,phone\n"),
    "tabs and words": again("a\tb\t"),
    "pipes and words": again("| a "),
    "names": people,
    "the company's terms": again(" ".join(TERMS), " "),
    "the company's terms, no blank": again(*TERMS),
    "the company's terms, nearly": again("Falcoo北辰计Blue Heron Lt"),
    "the company's terms, apart": again("F a l c o n 机 密 "),
    "labels": again("密级：机密\n"),
    "labels in one line": again("机密 "),
    "fences": again("```\n"),
    "fences that differ": again("````\n```\n~~~\n"),
    "code": again("def f(x): return x\n"),
    "log lines": again("2024-03-07T15:30:22.123Z INFO [main] took 12 us\n"),
    "markup": again("<div><a href='x'>"),
    "markup in tokens": again("a<b>1</b>"),
    "markup that never ends": again("1<b "),
    "markup between figures": again("13 <b> 8</b> "),
    "pieces of strings": again('"a1" + '),
    "placeholders": again("[PERSON_0A1B2C3D] "),
}
"""Tables, lists, the company's data."""

HOSTILE: dict[str, Make] = {**RUNS, **NUMBERS, **WORDS, **CHINESE, **ESCAPES, **UNICODE, **SECRETS, **TABLES}
"""All kinds."""
