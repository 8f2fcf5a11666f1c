"""How the shipped models for names came to be: data, training, export, scores. The proxy needs none of it."""
