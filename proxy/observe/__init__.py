"""How a running proxy stands, for whoever watches it: metrics, health, traces. Numbers and words of ours alone."""
