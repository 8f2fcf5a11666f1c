"""Tell a password that somebody typed beside its word, with no sign between them, from a word that stands there.

Enters: what a rule took for the password. Leaves: yes or no. The rules that ask have seen nothing that says `this is
it`, so more is asked of the value than of one after a colon: letters and figures mixed, and no name of an algorithm, a
version or a file. Nothing is looked up.
"""

import re
from collections.abc import Callable
from typing import Final

from detectors.plausible import (
    FILE_ENDING,
    IDENTIFIER,
    NAME,
    no_password,
    one_time_code,
    quoted_password,
    real_password,
)
from detectors.value_end import is_known

ALGORITHM: Final = (
    r"(?: 3?des | aes | argon | base | bcrypt | chacha | cve | ecdh | ecdsa | fips | gbk? | ghost | gost"
    r" | hmac | https? | ieee | iso | kerberos | krb | latin | ldap | ntlm | nist | oauth | openid | openssl"
    r" | pbkdf | pkcs | rfc | ripemd | rsa | saml | scram | scrypt | sha | socks | ssl | tls | totp"
    r" | utf | uuid | wpa | yescrypt"
    r" ) [_\-.]? v? [0-9]+"
)
NUMBERED: Final = (
    r"(?: android | bigint | n?(?:var)?char | int | ci | ed | fido | hs | ike | ios | ipad | iphone | ipv | java"
    r" | jdk | kdf"
    r" | log4j | mac | macos | md | mysql | office | php | postgres | ps | python | redis | rs | sm"
    r" | smtp | sqlite | ssh | ubuntu | v | ver | version | wcf | windows | x | arg"
    r" | case | field | group | item | key | level | line | node | option | page | param | part | step"
    r" | type | value"
    r" ) [_\-.]? v? [0-9]{1,3}"
)
TAIL: Final = r"(?: with[a-z]{2,12}[0-9]* | [a-z]{1,4} [0-9]* )? (?: [_\-./+] [0-9a-z]+ )*"
TECHNICAL: Final = re.compile(rf"(?ix) (?: {ALGORITHM} | {NUMBERED} ) {TAIL}")
"""Names of algorithms, formats, versions and numbered things."""
ALGORITHMS: Final = re.compile(rf"(?ix) (?: {ALGORITHM} | md[2-5] | sm[2-4] ) {TAIL}")
"""Those that nobody takes for a password, even where it is told that what follows is one."""

PRODUCTS: Final = re.compile(
    r"(?i)1password[0-9]*|keepass[a-z]{0,2}[0-9]?|office365|o365|microsoft365|m365|(?:ed|x|curve)[0-9]{4,5}|secp[0-9a-z]+"
    r"|react[0-9]+x?|vue[0-9]+|angular[0-9]+|chrome[0-9]+|firefox[0-9]+|safari[0-9]+|edge[0-9]+|win[0-9]{1,4}|web[23]"
    r"|google2fa|u2f|webauthn[0-9]?|h26[45]|k8s|i18n|l10n|log4j[0-9]?|node[0-9]+|java[0-9]+|centos[0-9]+|debian[0-9]+"
)
"""Names of products with figures in them, and versions written close to their names."""

PLACE: Final = re.compile(
    r"(?i)(?:appendix|article|bay|block|build|building|chapter|class|clause|dell|dynamics|example|exchange|excel|figure"
    r"|fig|floor|flat|gate|group|java|level|line|microsoft|ms|note|office|outlook|page|part|phase|python|question"
    r"|release|room|row|rule|section|server|sharepoint|sheet|slide|sql|step|suite|table|team|teams|unit|version|volume"
    r"|week|windows|win|word|sqlserver|visual|oracle|ubuntu|debian|fedora|rhel|suse)[ _\-]?[0-9.]{1,8}[a-z]?[!?.]?"
)
"""A place in a text or a house, or a version, written without a space."""
SIGNS_OF_PASSWORDS: Final = frozenset("!$")
SIGNED_ELSE: Final = re.compile(
    r"%[0-9A-Fa-f]{2}|^sha[0-9]{1,3}~|^[A-Z]{1,3}&[A-Z]{1,3}[0-9]*$|^[0-9.]+(?:%|px|em|rem|pt)|!important|&&|\$\$|^[A-Z]+[#+]{1,2}[0-9.]*$"
    r"|&[a-z]{2,8}$|\*\*|^[a-z_]*[$#][A-Za-z_]+$|^[0-9+*^~.\-]+$|\$[0-9]"
)
"""What stands between letters as well: per cent, an operator, an entity of HTML, a price, a variable."""
FIGURES: Final = re.compile(r"[0-9]{6,12}")
FEW_FIGURES: Final = re.compile(r"[0-9]{4,12}")
YEAR: Final = re.compile(r"(?:19[89]|20[0-3])[0-9]")
HOW_LONG: Final = re.compile(r"[0-9]+(?:[\-~+][0-9]*)?[a-z]+")
"""A number of something, as `8-64chars`."""
DAY: Final = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[0-9]{2}){0,3}")
SIGNS_OF_NAMES: Final = frozenset("_-")
SURE_SIGNS: Final = frozenset("!#$%&*+?@^~")
"""Signs that stand in passwords, and seldom in names of files, hosts and versions."""

ADDRESS: Final = re.compile(
    r"[^@]+@[\w\-]+(?:\.[\w\-]+)+|[\w\-./]+\.[a-z]{2,4}[#?&]\S*|[a-z_\-]+#[0-9]+|v?[0-9]+(?:\.[0-9]+)+[+~\-][\w.+~\-]*"
)
"""A mailbox, a place in a page, one of several that are numbered, or a version as packages have it."""
NUMBER_OF: Final = re.compile(r"[0-9]+[a-z]+")
NO_ANSWER: Final = re.compile(
    "(?i)required|optional|wrong|incorrect|invalid|not|never|none|null|string|text|yes|no|true|false|case|is|the|your|my"
    "|.*(?:什么|什麼|忘|错|錯|正确|正確|不对|不對|空|多少|谁|誰|哪|怎|为|填写|如下|多个|必填).*"
)
"""What is said of an answer that is not told."""
SAID_OF_A_FILE: Final = re.compile("[见請请在由为與与同后後前位字页頁第条條号號个個次章节節邮郵附群问問找忘空无無不]")
"""What is said of the password of a file in Chinese, other than the password."""

PLAIN: Final = re.compile(r"[A-Za-z][a-z]+[0-9]|[0-9]{1,3}[a-z]+|[A-Za-z_\-]+[_\-][A-Za-z]{0,3}[0-9]")
"""A word with one figure, as in a list of numbered ones."""


VERSIONED: Final = re.compile(
    r"(?i)[a-z]{3,16}[0-9]{1,2}(?:\.[0-9]{1,2}){1,3}|(?:apr1|argon2i?d?|bcrypt|md5crypt|scrypt|sha[0-9]{1,3}crypt)\$[0-9a-z]{1,3}"
)
"""A program with its version, or a way to digest passwords with its mark."""
OF_PASSWORDS: Final = re.compile(
    r"(?i)[^\n]{0,48}?\b(?:pass[ ]?(?:word|phrase|code)|pwd|pw)\s(?:manager|hash|guide|polic|standard|librar|algorithm"
    r"|vault|generator|cracker|checker|apps?\b|tool|scheme)"
)
"""What somebody asks about where it is no password, but something for passwords."""
COUNTS: Final = re.compile(
    r"(?i)\s?(?:(?:lines?|loc|kgs?|lbs?|pounds?|mm|cm|met(?:er|re)s?|sq|ft|feet|inch(?:es)?|people|persons?|units?|events?"
    r"|hours?|times|days?|degrees?|volts?|rpm|dollars?|euros?|yuan|pages?|words|points?|means|article|nec|ibc"
    r"|(?:is|was)\s(?:the|a|our|my)\s(?:zip|postal|area)|of\sthe\s(?:chip|board|connector|microcontroller|mcu)"
    r"|in\s(?:the\s)?(?:plc|modbus|datasheet|standard))\b"
    r"|[号號年月日元块塊米平层層栋棟室辆輛套个個条條行次公]|开始|開始|开发|開發)"
)
"""What stands behind figures that count or number something, after a word that means a code elsewhere."""
OF_CONDUCT: Final = re.compile(
    r"(?i)code\s(?:of|on|for)\s(?:conduct|practices?|ethics|federal|civil|labou?r)[^\n]{0,24}\Z"
)
"""What stands before the year of a code of rules."""
LONGEST_CODE: Final = 48

SPOKEN: Final = re.compile("[A-Za-z]{2,12}(?:[ -][A-Za-z]{2,12}){2,11}")
"""Words and no more, as they are drawn for a passphrase."""
IN_SENTENCES: Final = re.compile(
    r"a|about|again|all|allowed|an|and|any|are|as|at|be|been|before|but|by|can|cannot|character|characters|choose"
    r"|click|confirm|confirmation|correctly|count|current|different|do|does|doesn|email|empty|enter|error|expired"
    r"|failed|field|for|forgot|form|from|given|has|have|hint|if|in|incorrect|input|invalid|is|it|its|key|least|less"
    r"|letter|letters|link|login|long|longer|match|matches|may|minimum|missing|more|must|my|name|new|no|not|number"
    r"|numbers|of|on|only|optional|or|our|passphrase|password|passwords|please|policy|protected|provided|required"
    r"|requires|reset|same|security|set|should|show|sign|so|string|strong|temporary|than|that|the|their|then|this|to"
    r"|too|try|type|updated|upper|use|used|user|username|using|valid|value|was|weak|when|which|will|with|wrong|you"
    r"|your"
)
"""Words of which what is said about a password is made."""
SAID_OF_ONE: Final = re.compile(
    r"(?:not|never|always|still|now|here|there|only|just|also|already|too|very|too|kept|sent|known|unknown|lost|found"
    r"|given|taken|shown|hidden|stolen|broken|typed|lower|upper|mandatory|right|wrong|weak|short|strong|simple|safe"
    r"|unsafe|easy|hard|good|better|fine|public|private|plain|blank|none|null|nil|unset|ready|same|correct|okay|ok"
    r"|admin|guest|alpha|hash|salt|text|bytes|buffer|input|field|prompt|label|credentials?|username|email|token|value"
    r"|change|update|create|delete|confirm|verify|reset|forgot|login|logout|check|env|self|mine|yours|secure|insecure"
    r"|private|protected|case|alphanumeric|numeric|ascii|unicode|utf|clear|cleartext|incorrect|unique|different|used"
    r"|.{2,}(?:ed|ing|able|ible|ous|ful|less|ive|ary|ent|ant|ical))"
)
"""What is said of a password where `is` does not tell it."""
PORTS: Final = re.compile(r"(?:[0-9.]*:)?[0-9]{1,5}(?::[0-9]{1,5})?(?:/(?:tcp|udp))?")
JOINTS: Final = re.compile(
    r"""["']?\s{0,2}(?:[,;/|、]|(?<=[\s"'])(?:and|or)(?=[\s"'])|和|或者|或|还是|与|跟)\s{0,2}(?:(?:and|or)\s)?["']?"""
)
LISTED: Final = re.compile(r"[ \t]*[,;、]?[ \t]*\r?\n[ \t]*(?:[-*•][ \t]*|[0-9]{1,2}[.)、][ \t]*)?")
"""What stands between numbers that each have a line of their own."""
PROSE_IN_CODE: Final = re.compile(
    "(?i)hash|hashed|plain|plaintext|field|login|log|admin_?password|policy|reset|rules?|form|page|table|column|check"
    "|encode|encrypt|encrypted|auth|both|and|with|from|must|should|will|error|wrong|invalid|expired"
)
"""Words that stand beside the word without being one."""
LIBRARY: Final = re.compile(
    "(?i)argon|bcrypt|scrypt|plaintext|base|unknown|missing|omitted|masked|redacted|secret|changeme|chars?|varchar"
    "|boolean|object|array|any|never|expires?|rotate|generated|random|prompt|vault|admin|null|nullable|unset|stored"
)
"""What a manual says of a password."""


def told_password(value: str) -> bool:
    """Tell whether what is said to be the password can be it: no variable, no prose, and no algorithm."""
    return real_password(value) and not ALGORITHMS.fullmatch(value.strip(".,;:!?()[]{}'\"`"))


def paired_password(value: str) -> bool:
    """Tell whether what is told as the password of an account can be it; a plain word may."""
    bare = value.strip(".,;:!?()[]{}'\"`")
    if not quoted_password(bare) or ALGORITHMS.fullmatch(bare) or IDENTIFIER.fullmatch(bare):
        return False
    return not PROSE_IN_CODE.fullmatch(bare)


def lettered_password(value: str) -> bool:
    """Tell whether a value of letters alone can be the password: a word that manuals do not use there."""
    return paired_password(value) and not IN_SENTENCES.fullmatch(value.lower()) and not LIBRARY.fullmatch(value)


def lone_word(value: str) -> bool:
    """Tell whether a word of letters that nothing else shows to be a password can be it: none that says how one is."""
    return lettered_password(value) and not SAID_OF_ONE.fullmatch(value.lower())


def argument_password(value: str) -> bool:
    """Tell whether an argument of a program can be its password: no port, no file and no variable."""
    return paired_password(value) and not PORTS.fullmatch(value) and not _technical(value)


def several_passwords(value: str) -> bool:
    """Tell whether each of several values can be a password, and one of them by itself, beside which a word may."""
    values = JOINTS.split(value)
    return any(map(typed_password, values)) and all(typed_password(one) or lettered_password(one) for one in values)


def password_of_words(value: str) -> bool:
    """Tell whether words are a passphrase: four at least and drawn, so that they make no sentence."""
    if not SPOKEN.fullmatch(value):
        return False
    words = re.split("[ -]", value.lower())
    return len(words) >= 4 and len(set(words)) > 3 and not any(map(IN_SENTENCES.fullmatch, words))


def mixed_password(value: str) -> bool:
    """Tell whether what follows 密码 directly can be it: mixed, or a row of figures that is no day."""
    value = value.rstrip("#*")
    if FIGURES.fullmatch(value):
        return not DAY.fullmatch(value) and not value.endswith("0000")
    return typed_password(value)


def typed_password(value: str) -> bool:
    """Tell whether a value can be a password by itself: letters and figures mixed, and nothing technical."""
    bare = value.strip(".,;:!?()[]{}'\"`")
    mixed = any(one.isdigit() for one in bare) and any(one.isalpha() for one in bare)
    if not mixed or len(bare) < 6 or _technical(bare):
        return False
    return not PLAIN.fullmatch(bare) and not no_password(value)


def pair_password(value: str) -> bool:
    """Tell whether what follows an account and a stroke can be its password: signs in it, or all kinds of letters."""
    kinds = (str.islower, str.isupper, str.isdigit)
    return signed_password(value) or (typed_password(value) and all(any(map(kind, value)) for kind in kinds))


def signed_password(value: str) -> bool:
    """Tell whether a value has a figure, a letter, and a sign that names have not."""
    return typed_password(value) and not SURE_SIGNS.isdisjoint(value[:-1] if value[-1] in "!?" else value)


def account_password(value: str) -> bool:
    """Tell whether what stands behind a host and an account can be its password: signs in it, and no address."""
    return signed_password(value) and not ADDRESS.fullmatch(value)


def spoken_password(value: str) -> bool:
    """Tell whether what follows an account in a sentence can be its password: no number of anything, and no address."""
    return typed_password(value) and not NUMBER_OF.fullmatch(value) and not ADDRESS.fullmatch(value)


def strange_password(value: str) -> bool:
    """Tell whether a value that no word names is a password by its looks: signs or all kinds of letters, no address."""
    return pair_password(value) and not ADDRESS.fullmatch(value) and not _is_versioned(value)


def several_strange(value: str) -> bool:
    """Tell whether values are passwords by their looks: one beyond doubt, and each of the others mixed."""
    values = JOINTS.split(value)
    return len(values) > 1 and any(map(strange_password, values)) and all(map(spoken_password, values))


def password_by_looks(value: str) -> bool:
    """Tell whether a value that only stands in talk of logging in is a password: a sign inside, and nothing known."""
    inner = set(value[1:-1]) & SURE_SIGNS
    if not inner or not spoken_password(value) or SIGNED_ELSE.search(value):
        return False
    letters = {one for one in (str.islower, str.isupper) if any(map(one, value))}
    return bool(inner & SIGNS_OF_PASSWORDS) or len(letters) == 2


def chosen_password(value: str) -> bool:
    """Tell whether a value somewhere behind the word is what people choose: no place in a text, and no version."""
    return strange_password(value) and not PLACE.fullmatch(value) and not is_known(value)


def asked_password(value: str) -> bool:
    """Tell whether what somebody asks about is a password of theirs: not one that is in everybody's mouth."""
    return typed_password(value) and not is_known(value) and not _is_versioned(value)


def bracketed_password(value: str) -> bool:
    """Tell whether a note in brackets behind the word can be the password: no length and no number of anything."""
    return spoken_password(value) and not HOW_LONG.fullmatch(value) and not _is_versioned(value)


def named_password(value: str) -> bool:
    """Tell whether a value right behind what it opens can be the password; a word with one figure may."""
    bare = value.strip(".,;:!?()[]{}'\"`")
    if not paired_password(bare) or HOW_LONG.fullmatch(bare) or TECHNICAL.fullmatch(bare) or NAME.fullmatch(bare):
        return False
    if (PLAIN.fullmatch(bare) and not SIGNS_OF_NAMES.isdisjoint(bare)) or IDENTIFIER.fullmatch(bare[:-1]):
        return False  # one of several names in code, with its number
    return any(one.isdigit() for one in bare) and not DAY.fullmatch(bare)


def mixed_code(value: str) -> bool:
    """Tell whether figures behind the word are a code: no year, no day, and not the same figure over and over."""
    bare = value.rstrip("#*")
    return (
        bool(FEW_FIGURES.fullmatch(bare)) and one_time_code(bare) and not (YEAR.fullmatch(bare) or DAY.fullmatch(bare))
    )


def opens(text: str, start: int, end: int) -> bool:
    """Tell whether figures can be what opens something: they count nothing, and are no year of a code of rules."""
    if COUNTS.match(text, end):
        return False
    return OF_CONDUCT.search(text, max(0, start - LONGEST_CODE), start) is None


def no_product(text: str, _start: int, end: int) -> bool:
    """Tell whether what somebody asks about is no manager of passwords, and no rule for them."""
    return OF_PASSWORDS.match(text, end) is None


def security_answer(value: str) -> bool:
    """Tell whether what is told as the answer to a security question is one, and not what is wrong with it."""
    return not NO_ANSWER.fullmatch(value)


def phrase_password(value: str) -> bool:
    """Tell whether Chinese and figures told as the password of a file are it, and not where or how one finds it."""
    return not SAID_OF_A_FILE.search(value)


def several_passports(value: str) -> bool:
    """Tell whether numbers in a list are of passports: their form says all there is."""
    return len(set(LISTED.split(value))) > 1


def _is_versioned(value: str) -> bool:
    return VERSIONED.fullmatch(value.strip(".,;:!?()[]{}'\"`")) is not None


def _technical(bare: str) -> bool:
    """Tell whether a value is the name of something: an algorithm, a file, an identifier, a path."""
    if TECHNICAL.fullmatch(bare) or PRODUCTS.fullmatch(bare) or NAME.fullmatch(bare) or IDENTIFIER.fullmatch(bare):
        return True
    return "/" in bare or bool(FILE_ENDING.fullmatch(bare.rpartition(".")[2])) or "::" in bare


SEVERAL: Final[dict[str, re.Pattern[str]]] = {
    "several_passports": LISTED,
    "several_passwords": JOINTS,
    "several_strange": JOINTS,
}
"""What stands between the values of a rule whose check is of several: each of them is a finding of its own."""

BESIDE: Final[dict[str, Callable[[str, int, int], bool]]] = {"asked_password": no_product, "opening_code": opens}
"""What is told of a value by what stands beside it, too."""
TYPED: Final[dict[str, Callable[[str], bool]]] = {
    "account_password": account_password,
    "argument_password": argument_password,
    "asked_password": asked_password,
    "bracketed_password": bracketed_password,
    "chosen_password": chosen_password,
    "lettered_password": lettered_password,
    "lone_word": lone_word,
    "mixed_code": mixed_code,
    "mixed_password": mixed_password,
    "named_password": named_password,
    "opening_code": one_time_code,
    "pair_password": pair_password,
    "paired_password": paired_password,
    "password_by_looks": password_by_looks,
    "password_of_words": password_of_words,
    "phrase_password": phrase_password,
    "security_answer": security_answer,
    "several_passports": several_passports,
    "several_passwords": several_passwords,
    "several_strange": several_strange,
    "signed_password": signed_password,
    "spoken_password": spoken_password,
    "strange_password": strange_password,
    "told_password": told_password,
    "typed_password": typed_password,
}
"""What a rule may name under `check:` besides the check digits."""
