"""Find what is confidential in plain text, and take it out; this package has never heard of a request."""

import os

# onnxruntime's own builds tell its maker of each model that is loaded, and on what machine, unless this stands there
# before. Whatever of ours loads a model imports this first, as `proxy` does for its rooms and all processes of theirs.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
