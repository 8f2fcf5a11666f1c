"""Find what is confidential in plain text, and take it out; this package has never heard of a request."""
