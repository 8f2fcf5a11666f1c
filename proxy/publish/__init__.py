"""One policy for all nodes: published once, followed by each; see docs/many-nodes.md."""
