"""What stands in the head of a request and is nobody's text: which values of which fields only a program writes."""
