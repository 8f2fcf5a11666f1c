"""Who is served when, and who is told to come again: turns, room, connections and their patience."""
