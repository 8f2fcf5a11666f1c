"""What is in a file: its text, what of it cannot be looked into, and the same file with other words in it."""
