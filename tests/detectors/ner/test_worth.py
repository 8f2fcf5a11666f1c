"""A score says how often such findings are right: it rises with the model's own, and what rules see stays as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.ner.believe import OURS
from detectors.ner.mention import Mention
from detectors.ner.worth import WORTH, worth

SCORES = st.floats(0, 1)


def seen(label, score, because=OURS[1]):
    return Mention(0, 4, label, score, because)


@given(SCORES, SCORES, st.sampled_from(sorted(WORTH)))
def test_a_surer_mention_is_worth_no_less(one, other, label):
    low, high = sorted((one, other))
    assert 0 <= worth(seen(label, low)) <= worth(seen(label, high)) <= 1


@pytest.mark.parametrize("label", sorted(WORTH))
def test_no_model_of_ours_is_as_sure_of_bodies_and_places_as_it_says(label):
    assert worth(seen(label, 0.99)) < 0.95 and worth(seen(label, 1.0)) == WORTH[label][-1][1]


@pytest.mark.parametrize(
    ("label", "because"),
    [
        ("PERSON", OURS[0]),
        ("ADDRESS", OURS[1]),
        ("ORGANIZATION", ("cue:公司",)),
        ("ORGANIZATION", ("model:company-model",)),
        ("LOCATION", (*OURS[0], "cue:地址")),
    ],
)
def test_persons_what_rules_see_and_models_from_elsewhere_keep_their_scores(label, because):
    assert worth(seen(label, 0.9, because)) == 0.9
