"""mitmproxy imported without the warnings of its libraries, which call one another by names that are going out of use.

Enters: nothing. Leaves: its packages, before any test, in which a warning is an error.
"""

import importlib
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    importlib.import_module("mitmproxy.addons")
