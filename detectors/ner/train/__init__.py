"""How the shipped models for names came to be: data, training, export, scores. Needs PyTorch; the proxy needs none of it."""
