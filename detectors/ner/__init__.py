"""Names, organisations, places and addresses in running text, in Chinese and English, by models of our own."""
