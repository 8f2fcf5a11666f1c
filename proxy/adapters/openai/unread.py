"""The unreadable parts of a body: the service's own encrypted tokens pass, prompts given as token ids are opaque.

Enters: a prompt as it was read. Leaves: the prompt without encrypted reasoning and signatures, which must go back byte
for byte, and with each list of token ids called opaque as a whole. At such places, too, what can be read is a part: a
text, the base64 of a text, a number that no vocabulary reaches; and a file stays a file.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from proxy.adapters.pointer import Steps, pointer
from proxy.adapters.prompt import TreePrompt
from proxy.adapters.sealed import is_sealed
from proxy.adapters.shape import find

LARGEST_ID: Final = 10_000_000
"""Above every vocabulary, and below every telephone, card or identity number."""


def without_sealed(prompt: TreePrompt, places: Sequence[str]) -> TreePrompt:
    """Return `prompt` without the tokens at `places`, pointers in which `*` stands for any index of an array."""
    sealed = {pointer(path) for place in places for path, value in find(prompt.tree, place) if is_sealed(value)}
    if not sealed:
        return prompt
    kept = [at for at, part in enumerate(prompt.parts) if part.pointer not in sealed]
    return narrowed(prompt, kept, [name for name in prompt.opaque if name not in sealed])


def without_token_ids(prompt: TreePrompt, field: str) -> TreePrompt:
    """Return `prompt` with the token ids in the body's `field`, one list or a list of lists, called opaque."""
    lists = dict.fromkeys(token_lists(prompt.tree, field))
    if not lists:
        return prompt
    kept = [at for at, path in enumerate(prompt.paths) if path[:1] not in lists and path[:2] not in lists]
    return narrowed(prompt, kept, [*prompt.opaque, *map(pointer, lists)])


def token_lists(tree: Any, field: str) -> Iterator[Steps]:
    """Yield the path of each list of token ids."""
    value = tree.get(field) if isinstance(tree, dict) else None
    if is_token_list(value):
        yield (field,)
    elif isinstance(value, list):
        yield from ((field, place) for place, one in enumerate(value) if is_token_list(one))


def is_token_list(value: Any) -> bool:
    """Return whether `value` is a list of whole numbers that some vocabulary may have, and not empty."""
    return (
        isinstance(value, list)
        and len(value) > 0
        and all(type(number) is int and 0 <= number < LARGEST_ID for number in value)
    )


def narrowed(prompt: TreePrompt, kept: Sequence[int], opaque: Sequence[str]) -> TreePrompt:
    """Return `prompt` with those of its parts whose numbers are `kept`, and this list of what is opaque."""
    return replace(
        prompt,
        paths=tuple(prompt.paths[at] for at in kept),
        parts=tuple(prompt.parts[at] for at in kept),
        opaque=tuple(opaque),
        files=tuple(file for file in prompt.files if file.pointer in opaque),
    )
