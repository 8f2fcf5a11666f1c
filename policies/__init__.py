"""The company's usage policy: read it, check it, decide by it; nothing here does I/O but the loader."""
