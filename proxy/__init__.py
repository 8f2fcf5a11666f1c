"""The egress proxy: the street a prompt goes down, and the shell that carries it."""

import detectors  # noqa: F401  # before any room imports onnxruntime
