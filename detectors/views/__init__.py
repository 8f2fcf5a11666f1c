"""Other readings of a text: what is encoded, spelt, spread or turned in it, with the way back to the original."""
