"""The catalogue of causes, and the judgement that names one.

``CATALOGUE`` holds all causes by id, `cause` finds one, `classify` turns the record of an
interruption into a `Verdict`. Nothing here does any I/O but read the catalogue once.
"""

from longwire.core.causes.catalogue import CATALOGUE, UNKNOWN, UnknownCause, cause
from longwire.core.causes.classify import classify
from longwire.core.causes.evidence import End, Evidence, Kernel
from longwire.core.causes.interruption import Cause, Interruption, Obstacle, Outcome, Verdict

__all__ = [
    "CATALOGUE",
    "UNKNOWN",
    "Cause",
    "End",
    "Evidence",
    "Interruption",
    "Kernel",
    "Obstacle",
    "Outcome",
    "UnknownCause",
    "Verdict",
    "cause",
    "classify",
]
