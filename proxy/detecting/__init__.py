"""Detection in processes of its own, so that nobody's exchange waits for somebody else's scan."""
