"""Streamed answers cut into frames, whatever format they come in."""
