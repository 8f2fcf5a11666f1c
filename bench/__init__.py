"""Measurements, side by side with peers in the same run; Sluice itself imports nothing from here."""
