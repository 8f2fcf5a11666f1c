"""Originals back into answers, then the policy's words, chunk by chunk."""
