"""A request's bytes: decoded whole or refused, its address, its header fields, strict JSON."""
