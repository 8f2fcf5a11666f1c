"""How much confidential text slips past, row by row of a list of ways round a filter; see docs/evasion.md."""
