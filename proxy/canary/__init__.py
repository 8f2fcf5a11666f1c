"""The self-test: its requests, its judgement, its rounds."""
