"""What the administrator sets: frozen nouns, and the strict readers of the settings file."""
