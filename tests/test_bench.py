from bench import workers
from bench.company import company
from bench.detect_texts import HITS, clean, prompts, with_hits
from bench.engine import agree, parsed
from bench.rulebook import SHARES, write
from bench.shared import ours, plain
from bench.traffic import traffic


def test_the_policies_that_are_measured_load_and_mean_the_same_with_and_without_the_index():
    people = company(1, 12)
    policy = parsed(write(people, 120, 1))
    met = agree(policy, traffic(people, policy, 1, 60))
    assert len(policy.rules) == 120
    assert len(met["outcomes"]) > 2


def test_what_is_put_to_the_peers_loads():
    people = company(1, 12)
    assert len(parsed(ours(people, plain(people, 40, 1))).rules) == 40


def test_the_kinds_of_rules_are_shares_of_a_hundred():
    assert sum(SHARES.values()) == 100


def test_texts_with_something_to_find_are_as_long_as_those_without():
    for language, hits in HITS.items():
        [text] = clean(language, 900, 1, lambda _: 0, lambda _: True)
        marked = with_hits(language, text)
        assert len(marked) == len(text) == 900 and all(hit in marked for hit in hits)
        assert [len(each) for each in prompts(language, 300, 4)] == [300] * 4


def test_what_a_second_worker_brings_is_told_round_by_round():
    rounds = [
        {1: dict.fromkeys(workers.FIGURES, 10.0), 2: dict.fromkeys(workers.FIGURES, 10.0 * by)}
        for by in (1.5, 2.0, 1.8)
    ]
    told = workers.ratios(rounds)
    assert set(told["two by one"]) == set(workers.FIGURES)
    assert told["two by one"]["processor ms"] == {"median": 1.8, "range": [1.5, 2.0]}
    assert told["workers"]["1"]["p50 ms"] == {"median": 10.0, "range": [10.0, 10.0]}
