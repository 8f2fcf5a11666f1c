"""What a policy names as the company's own is found, and a policy whose index cannot be read is never in force."""

from pathlib import Path

import pytest

from detectors.find import Finder
from detectors.interface import DetectorError
from policies.load import parse_policy
from policies.model import Policy
from proxy.company import SHELF, company_detectors, index_path, index_paths
from tests.detectors.company.samples import exact, prints
from tests.detectors.company.test_fingerprints import PLAN

TEXT = """
policy: test
version: 1
otherwise: forbid
data_classes:
  客户: {terms: [{华星科技: [HX-1]}], variants: separated, index: customers, labels: [机密], placeholder: CUSTOMER}
  plans: {index: plans}
rules:
  - {id: use, verdict: allowed, redact: [客户, plans]}
"""


def policy_of(text: str = TEXT) -> Policy:
    return parse_policy(text, "p.yaml", lambda _: "")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    exact(tmp_path)
    prints(tmp_path, {"plan.txt": PLAN})
    return tmp_path


def test_each_of_the_companys_own_becomes_a_detector_of_its_class(state: Path):
    finder = Finder(company_detectors(policy_of().dictionaries, state))
    text = f"华*星*科*技，HX-1，密级：机密。欧阳明月，13812340001。\n\n{PLAN}"
    found = finder.find(text, frozenset({"CUSTOMER", "PLANS"}))
    assert {(one.entity, one.detector) for one in found.findings} == {
        *(("CUSTOMER", "terms:CUSTOMER"), ("CUSTOMER", "labels:CUSTOMER"), ("CUSTOMER", "exact:customers")),
        ("PLANS", "fingerprint:plans"),
    }
    assert found.unknown == frozenset()


def test_a_policy_without_anything_of_the_companys_own_needs_no_key(tmp_path: Path):
    assert company_detectors((), tmp_path) == ()


def test_an_index_that_is_not_there_or_damaged_stops_the_start(state: Path):
    path = index_path(state, "plans")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DetectorError, match="build it anew"):
        company_detectors(policy_of().dictionaries, state)
    path.unlink()
    with pytest.raises(DetectorError, match=r"there is no index called plans .*: build it with `sluice index build`"):
        company_detectors(policy_of().dictionaries, state)


def test_an_index_without_its_key_stops_the_start(state: Path):
    company_detectors(policy_of().dictionaries, state)
    key = state / "keys" / "index.key"
    key.write_bytes(b"x" * 32)
    with pytest.raises(DetectorError, match="another key"):
        company_detectors(policy_of().dictionaries, state)
    key.unlink()
    with pytest.raises(DetectorError, match="not there"):
        company_detectors(policy_of().dictionaries, state)


def test_an_index_that_has_not_changed_is_not_opened_again_and_a_new_one_is(state: Path):
    path, key = index_path(state, "customers"), (state / "keys" / "index.key").read_bytes()
    first = SHELF.take(path, key)
    assert SHELF.take(path, key) is first
    exact(state, [("赵子龙", "", "", "13912345678", "", "")])
    assert SHELF.take(path, key) is not first


def test_whoever_holds_the_old_index_goes_on_finding_with_it(state: Path):
    before = Finder(company_detectors(policy_of().dictionaries, state))
    exact(state, [("赵子龙", "", "", "13912345678", "", "")])
    after = Finder(company_detectors(policy_of().dictionaries, state))
    old, new, wanted = "欧阳明月 13812340001", "赵子龙 13912345678", frozenset({"CUSTOMER"})
    assert [len(one.find(text, wanted).findings) for one in (before, after) for text in (old, new)] == [2, 0, 0, 2]


def test_the_files_to_be_watched_are_those_of_the_indexes_that_a_policy_names(state: Path):
    assert index_paths(policy_of(), state) == {
        str(state / "indexes" / f"{name}.idx") for name in ("customers", "plans")
    }
