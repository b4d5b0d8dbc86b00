"""The judges: small functions that look for the evidence of one cause each.

A judge is given an `Evidence` and answers with reasons, or with None if the evidence of its cause
is not complete. Each module is one field of evidence; their order is in
`longwire.core.causes.classify`.
"""
