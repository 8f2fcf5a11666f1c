"""Tune the runtime of the models for names: `python -m bench.ner_runtime`.

Prints milliseconds for one prompt of 500 characters, windows a second one by one and from 32 callers at once, the share
of a bare onnxruntime loop that is reached with the same batches, and memory. Rounds are interleaved; medians count.
"""

import resource
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from detectors.ner.batch import Batcher, Job, Pace, batches
from detectors.ner.model import Window, padded
from detectors.ner.names import Names, shipped, shipped_names
from detectors.ner.session import choose_device
from detectors.ner.tagger import Tagger
from detectors.ner.tags import LABELS

ENGLISH = (
    "Hi team, please send the signed contract to Maria Gonzalez at Acme Corporation before Friday. John Smith will "
    "visit our office at 350 Fifth Avenue in New York next week and would like to meet Dr. Chen about the project. "
)
CHINESE = (
    "张伟昨天在北京市海淀区中关村大街27号和华为技术有限公司的李娜见面，请把合同发给王总，并通知项目组下周三之前评审。"
)
CALLERS = 32
ROUNDS = 5


def median(call: Callable[[], object], rounds: int = 15) -> float:
    """Return the median seconds of `call`."""
    spent = []
    for _ in range(rounds):
        begun = time.perf_counter()
        call()
        spent.append(time.perf_counter() - begun)
    return statistics.median(spent)


def prompts(text: str, length: int) -> list[str]:
    """Return as many different prompts as there are callers, of about `length` characters."""
    return [(text[at:] + text * (length // len(text) + 1))[: length - at] for at in range(CALLERS)]


def one_prompt(names: Names) -> None:
    """Print what one prompt of 500 characters takes."""
    for what, text in (("en", ENGLISH), ("zh", CHINESE), ("mixed", ENGLISH[:150] + CHINESE)):
        whole = (text * 20)[:500]
        names.find(whole, frozenset(LABELS))
        print(f"{what} 500 characters: {1e3 * median(lambda text=whole: names.find(text, frozenset(LABELS))):.1f} ms")


def windows_of(tagger: Tagger, text: str) -> list[Window]:
    """Return all windows of a text."""
    places = tagger.reader.places(text)
    return list(tagger.reader.windows(text, places, 0, len(places)))


class Callers:
    """The same prompts, asked in three ways, and the bare loop that they are held against."""

    def __init__(self, kind: str, text: str, length: int, pace: Pace) -> None:
        """Open the model and make the windows."""
        self.tagger = shipped(kind, choose_device("cpu"))[0]
        self.batcher = Batcher(pace)
        self.texts = prompts(text, length)
        self.rows = [window for text in self.texts for window in windows_of(self.tagger, text)]
        self.pool = ThreadPoolExecutor(CALLERS)
        self.until = time.monotonic() + 3600
        jobs = [(Job(self.tagger.model, [row], self.until, time.monotonic), 0) for row in self.rows]
        made = batches(jobs, pace.batch // self.tagger.model.cost)
        self.made = [[job.windows[at] for job, at in batch] for batch in made]

    def one_by_one(self) -> None:
        """Run the session with one window after another."""
        for row in self.rows:
            self.tagger.model.run(padded([row], {}))

    def bare(self) -> None:
        """Run the session with the batches that could be made at best."""
        for batch in self.made:
            self.tagger.model.run(padded(batch, {}))

    def ask(self, text: str) -> None:
        """Read one prompt as the detector does."""
        with self.batcher.caller() as came:
            self.tagger.spans(text, self.batcher, self.until, came=came)

    def at_once(self) -> None:
        """Read all prompts from as many threads."""
        list(self.pool.map(self.ask, self.texts))

    def close(self) -> None:
        """Stop all threads."""
        self.pool.shutdown()
        self.batcher.close()


def together(kind: str, text: str, length: int, pace: Pace) -> None:
    """Print windows a second in each way, medians of interleaved rounds."""
    callers = Callers(kind, text, length, pace)
    spent: dict[str, list[float]] = {"one_by_one": [], "at_once": [], "bare": []}
    for _ in range(ROUNDS):
        for name, times in spent.items():
            times.append(median(getattr(callers, name), 3))
    rate = {name: len(callers.rows) / statistics.median(times) for name, times in spent.items()}
    callers.close()
    print(
        f"{kind}, {length} characters, batches of {pace.batch}: windows/s one by one {rate['one_by_one']:.0f}, "
        f"{CALLERS} at once {rate['at_once']:.0f} ({rate['at_once'] / rate['one_by_one']:.2f}x), "
        f"bare loop {rate['bare']:.0f} ({rate['at_once'] / rate['bare']:.0%} reached)"
    )


def memory() -> str:
    """Return the most memory that this process has held."""
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"


def main() -> None:
    """Measure all of it."""
    begun = time.perf_counter()
    names = shipped_names(wish="cpu")
    print(f"loaded in {time.perf_counter() - begun:.2f} s on {names.device}; memory {memory()}")
    one_prompt(names)
    print(f"memory {memory()}")
    for batch in map(int, sys.argv[1:] or ["512"]):
        pace = Pace(batch=batch, round=4 * batch, workers=2)
        for kind, text, length in (
            ("hashed", CHINESE, 120),
            ("hashed", CHINESE, 500),
            ("latin", ENGLISH, 120),
            ("latin", ENGLISH, 500),
        ):
            together(kind, text, length, pace)
    print(f"memory {memory()}")
    for what, text, length in (("en", ENGLISH, 1_000_000), ("zh", CHINESE, 333_333)):
        whole = (text * 20_000)[:length]
        begun = time.perf_counter()
        names.find(whole, frozenset(LABELS))
        print(f"1 MB {what}: {time.perf_counter() - begun:.1f} s; memory {memory()}")


if __name__ == "__main__":
    main()
