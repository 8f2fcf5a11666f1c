"""Records on their way to a SIEM."""
