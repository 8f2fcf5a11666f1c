"""A refusal as a turn of the conversation: what policy says, in the words of a page's own answers.

Enters: a refusal and the writer of a page's format. Leaves: a whole answer, a 200 like any other turn, so that an
unmodified page shows it where the person looks. Scripts that ask for less than an answer get an error instead.
"""

from proxy.adapters.interface import Refusal, Speaker
from proxy.exchange import Answer
from proxy.internal.answer import Finished, Started, TextDelta


def say(speaker: Speaker, refusal: Refusal) -> Answer:
    """Return the refusal as a streamed turn of `speaker`'s format."""
    writer = speaker.writer(stream=True, model="", answer_id=name_in(refusal.reference), now=0)
    body = writer.write([Started("", ""), TextDelta(refusal.message), Finished("stop")]) + writer.end()
    return Answer(200, (*writer.headers, ("cache-control", "no-store")), body)


def name_in(reference: str) -> str:
    """Return the name of an answer, made of the reference in it."""
    return "".join(letter for letter in reference if letter.isalnum()).lower()
