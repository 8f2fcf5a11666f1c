"""One question to a process that detects, and what the wait for its answer tells of the machine.

Enters: a question, and how long anybody waits. Leaves: the answer; and what was worked for it is noted beside the call
(`detectors.effort`): the process says so with its answer, and where none comes in time the processor that it has had
speaks for it, so that one which got none is told from one which never came to an end with this text.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

from detectors.allowance import Interest, effort
from detectors.effort import Effort, Watched
from proxy.detecting.frames import Frame, Garbled
from proxy.detecting.link import Wire
from proxy.detecting.messages import Question, say_question

GRACE: Final = 1 / 18
"""How much longer, in parts of the time that a search may take, an answer is waited for than anybody looks: with it
comes what was found until then."""


def ask(link: Wire, question: Question, grace: float, waits: Interest) -> Frame:
    """Return the answer; raises `Down`, `TimeoutError`, `Oversized`, or `Garbled`."""
    fields, body = say_question(question)
    note, watched = effort(), Watched(link.pid)
    try:
        answer = link.ask("find", fields, body, question.seconds + grace, waits=waits)
    except TimeoutError:
        note.short = True
        note.add(watched.seconds * (len(body) or 1) / (link.load + len(body) or 1))  # its share of what was asked there
        raise
    take_note(answer.fields, note)
    return answer


def say_effort(note: Effort) -> dict[str, Any]:
    """Return what was worked, and what was lacking, as fields of an answer."""
    return {"worked": note.seconds, "short": note.short, "crowded": note.crowded}


def take_note(fields: Mapping[str, Any], note: Effort) -> None:
    """Note what the fields of an answer say; raises `Garbled`. One that says nothing of it was not looked into."""
    worked, short, crowded = fields.get("worked", 0.0), fields.get("short", False), fields.get("crowded", False)
    if type(worked) is not float or not 0 <= worked < math.inf or type(short) is not bool or type(crowded) is not bool:
        raise Garbled
    note.add(worked)
    note.short |= short
    note.crowded |= crowded
