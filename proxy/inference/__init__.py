"""Models for names on other machines, by the Open Inference Protocol v2 (Triton, KServe, MLServer)."""
