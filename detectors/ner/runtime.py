"""What runs models here, made to keep what it does to itself: whoever needs onnxruntime takes it from this module.

Enters: nothing. Leaves: onnxruntime. Its own builds tell its maker of each model that is loaded, and on what machine,
unless that is forbidden before they are imported; not even that is anybody's business outside.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

__all__ = ["onnxruntime"]
