"""Where the phone finds what it shares: the second reader of spec/vectors, for the form of objects and messages, and the shim."""

import os
import sys

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", ".."))
sys.path[:0] = [os.path.join(ROOT, "spec", "vectors", "reader"), os.path.join(ROOT, "conformance", "shims", "python")]
