"""What holds of every sentence that the policy's room says, messages and phrases alike."""

import re

from policies.problem import KEY, WORD
from policies.words import ALIASES


def is_shown_as_written(text):
    """Assert that a sentence names words of the language so that they are shown as the policy's file writes them."""
    marked = [[word for key in KEY.findall(said) for word in WORD.findall(key)] for said in (text.en, text.zh)]
    assert sorted(marked[0]) == sorted(marked[1])
    assert set(marked[0]) - {"word"} <= set(ALIASES)
    quoted = re.findall("[“`]([a-z_]+)(?:: [a-z_]+)?[”`]", text.en + text.zh)
    assert set(quoted).isdisjoint(ALIASES), f"{quoted} would stand in English in a policy that is written in Chinese"
