"""What the scores of our models are worth, so that a finding's score says how often such findings are right.

Enters: a mention. Leaves: its score as people may read it. Our models are too sure of bodies and places: of those seen
with 0.95 seven in eight are right. Persons' scores are worth what they say on prompts, and too much on tweets and
encyclopaedias; they stay as they are, and so does what rules see. Nothing is found or left out by this: how sure a
model must be is decided before, by its own scores.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from detectors.ner.believe import OURS
from detectors.ner.mention import Mention

Points = Sequence[tuple[float, float]]
"""Scores of a model, rising, with the share of findings that are right; between two points on a straight line."""

WORTH: Final[Mapping[str, Points]] = MappingProxyType(
    {
        "LOCATION": (
            *((0.0, 0.0), (0.48, 0.47), (0.56, 0.54), (0.65, 0.65), (0.75, 0.66), (0.82, 0.69)),
            *((0.88, 0.78), (0.93, 0.79), (0.97, 0.86), (1.0, 0.91)),
        ),
        "ORGANIZATION": ((0.0, 0.0), (0.57, 0.54), (0.7, 0.6), (0.85, 0.68), (0.93, 0.83), (0.97, 0.87), (1.0, 0.91)),
    }
)
"""Counted over what was found in the development parts of GUM, the Broad Twitter Corpus, WNUT 2017, Universal NER and
MultiCoNER, never in the prompts by which detection is judged, and made to rise (isotonic regression by pooling adjacent
violators: Barlow and others, "Statistical Inference under Order Restrictions", 1972). docs/eval.md has what came of it.
"""


def worth(mention: Mention) -> float:
    """Return the score of a mention, 0 to 1, as the share of such mentions that are right."""
    points = WORTH.get(mention.label)
    if points is None or mention.because not in OURS:
        return mention.score
    at = bisect_left(points, mention.score, key=lambda point: point[0])
    if at == 0:
        return points[0][1]
    (left, low), (right, high) = points[at - 1], points[at]
    return low + (high - low) * (mention.score - left) / (right - left)
