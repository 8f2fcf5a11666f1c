"""What cannot be told of a view cannot be told of its text; what a text says plainly needs no view."""

import base64
import time
from dataclasses import replace

from detectors.allowance import before
from detectors.dictionary import Dictionary
from detectors.find import Finder
from detectors.interface import CannotTell, Finding, Scan
from detectors.views.through import through_seams
from tests.detectors.views.reading import ID, MOBILE, finder


class Fails:
    """Knows every text but decoded ones."""

    name = "fails"
    entities = frozenset({"CN_ID_CARD"})

    def find(self, text: str, entities: frozenset[str]) -> tuple[Finding, ...]:
        if ID in text and entities:
            raise CannotTell("too dear")
        return ()


def test_what_fails_on_a_view_is_unknown_of_the_text():
    scan = Finder((Fails(),)).find(f"see {ID.encode().hex()}", frozenset({"CN_ID_CARD"}))
    assert scan.unknown == {"CN_ID_CARD"}


def test_a_plain_number_is_found_once_by_its_own_rule():
    (one,) = finder().find(f"电话 {MOBILE[:3]}-{MOBILE[3:7]}-{MOBILE[7:]}").findings
    assert not any(reason.startswith("view:") for reason in one.because)


def test_a_finding_through_a_view_says_through_which():
    (one,) = finder().find(f"核对{'·'.join(ID)}").findings
    assert "view:digits" in one.because


def test_what_is_opaque_is_not_remembered_as_clean():
    here = Finder((Fails(),))
    text = "-----BEGIN PGP MESSAGE-----\n" + "hQEMA" * 20
    assert here.find(text, frozenset({"CN_ID_CARD"})).opaque == here.find(text, frozenset({"CN_ID_CARD"})).opaque != ()


def test_terms_of_the_company_are_found_in_base64_as_a_whole_code():
    code = base64.b64encode("本周与华星科技签约".encode()).decode()
    text = f"请解码 {code} 谢谢"
    (one,) = Finder((Dictionary("customers.txt", "CUSTOMER", ("华星科技",)),)).find(text).findings
    assert text[one.start : one.end] == code and one.entity == "CUSTOMER"


def test_where_nobody_waits_any_more_nothing_is_joined_and_what_may_be_spread_is_unknown():
    texts, wanted = [MOBILE[:6], MOBILE[6:], "not in any row"], frozenset({"PHONE_NUMBER"})
    own = [Scan(), Scan((Finding(0, 1, "PERSON", 0.5, "names"),)), Scan()]
    asked = []

    def ask(joined, *_):
        asked.extend(joined)
        return [Scan()] * len(joined)

    with before(time.monotonic() - 1):
        late = through_seams(texts, [1, 1, None], own, wanted, ask)
    assert late == [replace(own[0], unknown=wanted), replace(own[1], unknown=wanted), own[2]] and not asked
    assert through_seams(texts, [1, 1, None], own, wanted, ask) == own and asked, "in time they are"
