"""Files that go up in several requests, gathered until one holds them whole."""
