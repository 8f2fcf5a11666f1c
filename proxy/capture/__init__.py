"""A site's new wire format, taken down as a case for the tests: its structure, and none of its words."""
