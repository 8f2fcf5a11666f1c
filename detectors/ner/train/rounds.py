"""What a round of training reads: open sets, filled templates and exercises, drawn anew each time.

Enters: the number of a round. Leaves: records. Every round draws from a seed of its own, so that a run that was stopped
makes the same round again; the large English sets are dealt out over several rounds.
"""

from collections import defaultdict
from collections.abc import Sequence
from random import Random
from typing import Final

from detectors.ner.train.augment import augmented
from detectors.ner.train.drills import Drills
from detectors.ner.train.fill import Filler, Template, templates
from detectors.ner.train.lists import TRAIN, mentions
from detectors.ner.train.records import Record, held_back, training

DEALT: Final = {"hashed": 0.16, "latin": 0.4}
"""Share of an English set that one round reads, and by how much more or less for some: web text is nearest to prompts,
and the longest sets are the least like them."""

OFTEN: Final = {
    "uner-ewt-dev": 2.5, "wnut17": 1.5, "multiconer-en": 0.35, "sec-fin5": 0.4, "multiner-gov": 0.25, "gum": 0.6,
}  # fmt: skip
MOSTLY_NAMED: Final = ("sec-fin5", "multiner-gov", "gum", "btc")
"""Sets of which two in three texts without a name are passed over."""

SYNTHETIC: Final = {"hashed": {"zh": 7000, "en": 1900}, "latin": {"en": 3400}}
REPORTS: Final = {"hashed": 2500}
"""How many of the templates of Chinese news are filled besides."""

DESK: Final = {"latin": 1300}
"""How many of those of what people paste in English (genres that begin with `desk`) are filled besides."""

DRILLS: Final = {"hashed": {"news": 2400, "ordinary": 800, "code": 300}, "latin": {"code": 250}}


class Rounds:
    """Deals the rounds of one model."""

    def __init__(self, kind: str, seed: int) -> None:
        """Read the open sets; `kind` is `hashed` or `latin`."""
        self.kind, self.seed = kind, seed
        self.languages = ("zh", "en") if kind == "hashed" else ("en",)
        records = training(self.languages)
        self.known = mentions(record for record in records if record.source != "multiconer-en")
        self.sets: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            if not record.spans and record.source.startswith(MOSTLY_NAMED) and not held_back(record.text, 3):
                continue
            self.sets[record.source.split("-a")[0] if record.source.startswith("btc") else record.source].append(record)

    def records(self, number: int) -> list[Record]:
        """Return the records of round `number`, varied and in order of reading."""
        chance = Random(f"{self.seed} {number} {self.kind}")
        filler = Filler(chance, TRAIN, self.known)
        open_records = [record for name, rows in self.sets.items() for record in self._dealt(name, rows, number)]
        return augmented(open_records + self._synthetic(chance, filler), chance, filler)

    def _dealt(self, name: str, rows: Sequence[Record], number: int) -> list[Record]:
        if rows[0].language == "zh":
            return [*rows, *rows] if name.startswith("uner") else list(rows)
        count = int(len(rows) * min(1.0, OFTEN.get(name, 1) * DEALT[self.kind]))
        lap, place = divmod(number * count, len(rows))
        order = list(rows)
        Random(f"{self.seed} {name} {lap}").shuffle(order)
        dealt = order[place : place + count]
        if len(dealt) < count:
            Random(f"{self.seed} {name} {lap + 1}").shuffle(order)
            dealt += order[: count - len(dealt)]
        return dealt

    def _synthetic(self, chance: Random, filler: Filler) -> list[Record]:
        rows: list[Record] = []
        for language, count in SYNTHETIC[self.kind].items():
            rows += filled(chance, filler, templates(language, TRAIN), count)
        if count := REPORTS.get(self.kind, 0):
            rows += filled(chance, filler, [form for form in templates("zh", TRAIN) if form.genre == "news"], count)
        if count := DESK.get(self.kind, 0):
            desk = [form for form in templates("en", TRAIN) if form.genre.startswith("desk")]
            rows += filled(chance, filler, desk, count)
        drills = Drills(chance, filler)
        counts = DRILLS[self.kind]
        rows += [drills.news() for _ in range(counts.get("news", 0))]
        rows += [drills.ordinary() for _ in range(counts.get("ordinary", 0))]
        rows += [drills.code(chance.choice(self.languages)) for _ in range(counts.get("code", 0))]
        return rows


def filled(chance: Random, filler: Filler, forms: Sequence[Template], count: int) -> list[Record]:
    """Return `count` filled templates, each template about equally often, those without slots less often."""
    rows: list[Record] = []
    order: list[Template] = []
    while len(rows) < count:
        if not order:
            order = list(forms)
            chance.shuffle(order)
        form = order.pop()
        rows.append(filler.fill(form))
    return rows
