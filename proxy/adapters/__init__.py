"""Wire formats: one file a format, each knowing where the prompt and the answer sit."""
