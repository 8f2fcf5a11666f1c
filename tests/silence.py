"""Whether an error keeps a text to itself: whatever prints or keeps it must not come to hold what somebody wrote.

Enters: an error that was raised, and a text. Leaves: nothing, or a failure that says where the text stands.
"""

import traceback


def says_nothing_of(error: BaseException, secret: str) -> None:
    """Assert that a text stands neither in what is printed of an error nor in any that it came from."""
    printed = "".join(traceback.format_exception(error, limit=0))  # without lines of code: a test's own hold the text
    assert secret not in printed
    seen: list[BaseException] = []
    left = [error]
    while left:
        one = left.pop()
        seen.append(one)
        held = [*one.args, *vars(one).values(), *(getattr(one, name, "") for name in ("object", "doc"))]
        for each in held:
            text = each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each)
            assert secret not in text, f"{type(one).__name__} holds it, {len(seen) - 1} behind the error"
        left += [other for other in (one.__cause__, one.__context__) if other is not None and other not in seen]
