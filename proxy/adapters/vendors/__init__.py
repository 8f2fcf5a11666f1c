"""Interfaces of other vendors, one file a format, and what their writers have in common."""
