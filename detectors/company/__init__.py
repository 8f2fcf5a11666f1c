"""The company's own data: words, registered rows and documents, labels. An index gives none of it away."""
