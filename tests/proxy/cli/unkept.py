"""Ways in which a store does not keep the event of a step, in the place of `WorkflowTables.keep`."""

from proxy.errors import StoreError


def refused(_self: object, _changes: object) -> bool:
    """Fail as a store does that cannot write."""
    raise StoreError("disk full", "磁盘已满")


def overtaken(_self: object, _changes: object) -> bool:
    """Keep nothing, as where somebody was faster."""
    return False
