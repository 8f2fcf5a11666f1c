"""The store that many nodes share, in Redis."""
