"""Fixes for what the rules find: those that cannot make a program behave worse.

One file for each rule that has one, named like the rule's. They need libcst (extra ``fix``), and
are imported only where something is to be fixed.
"""
