"""Path scopes: what belongs to a service on a shared host, however it is spelt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.services.scope import canonical_target, read_scope
from proxy.services.service import read_service

SERVICE = read_service(
    {
        "id": "acme",
        "name": {"en": "Acme"},
        "vendor": "Acme",
        "country": "CN",
        "category": "chat",
        "hosts": {"exact": ["acme.example"]},
    },
    "test",
)

CASES = {
    "the path itself": ("x.com/i/grok", "/i/grok", True),
    "below it": ("x.com/i/grok", "/i/grok/share/1", True),
    "with a query": ("x.com/i/grok", "/i/grok?lang=zh", True),
    "with a fragment": ("x.com/i/grok", "/i/grok#top", True),
    "a longer segment": ("github.com/copilot", "/copilot-fan/repo", False),
    "a shorter path": ("x.com/i/grok", "/i", False),
    "elsewhere": ("x.com/i/grok", "/someone/i/grok", False),
    "final slash in the scope": ("duckduckgo.com/duckchat/", "/duckchat/v1/chat", True),
    "final slash missing in the request": ("duckduckgo.com/duckchat/", "/duckchat", True),
    "star stands for a segment": ("a.example/accounts/*/ai/", "/accounts/42/ai/run", True),
    "star does not stand for two": ("a.example/accounts/*/ai/", "/accounts/42/x/ai/run", False),
    "star does not stand for nothing": ("a.example/accounts/*/ai/", "/accounts//ai/run", False),
    "field there": ("g.example/search?udm=50", "/search?q=hi&udm=50", True),
    "field missing": ("g.example/search?udm=50", "/search?q=hi", False),
    "field with another value": ("g.example/search?udm=50", "/search?udm=5", False),
    "field only in the text": ("g.example/search?udm=50", "/search?q=udm%3D50", False),
    "other case": ("s.example/m365Copilot/", "/M365COPILOT/chathub", True),
    "percent-encoded": ("x.com/i/grok", "/i/%67rok", True),
    "encoded slash": ("x.com/i/grok", "/i%2Fgrok", True),
    "dot segments": ("x.com/i/grok", "/a/../i/./grok", True),
    "doubled slashes": ("x.com/i/grok", "//i//grok", True),
    "backslash": ("x.com/i/grok", "/i\\grok", True),
    "Chinese path": ("x.example/助手", "/%E5%8A%A9%E6%89%8B/new", True),
}


@pytest.mark.parametrize(("scope", "target", "wanted"), CASES.values(), ids=CASES.keys())
def test_a_scope_covers_its_path_in_every_spelling_and_nothing_else(scope, target, wanted):
    assert read_scope(scope, SERVICE).covers(canonical_target(target)) is wanted


def test_a_wild_scope_is_filed_under_its_domain():
    scope = read_scope("*.databricks.example/serving/", SERVICE)
    assert (scope.host, scope.wild) == ("databricks.example", True)
    assert not read_scope("databricks.example/serving/", SERVICE).wild


@given(st.text())
def test_any_target_can_be_folded_and_folding_twice_changes_nothing(target):
    folded = canonical_target("/" + target.replace("?", "").replace("%", ""))
    assert folded.path.startswith("/")
    assert canonical_target(folded.path).path == folded.path


@given(st.text(alphabet="/.%2Fe5a?=&\\*助", max_size=40))
def test_no_target_makes_a_scope_raise(target):
    assert read_scope("x.com/a/*/e?a=5", SERVICE).covers(canonical_target(target)) in {True, False}
