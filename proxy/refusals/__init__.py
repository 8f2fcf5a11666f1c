"""What a person is told who is stopped: words, pages, native forms, and where one goes on."""
