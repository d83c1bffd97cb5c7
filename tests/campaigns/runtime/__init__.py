"""Looks for anything of one user that reaches another, and for anything that is left over.

`python -m tests.campaigns.runtime.sweep` cancels every task of a scenario at every step,
`python -m tests.campaigns.runtime.soak` does millions of events over real sockets,
`python -m tests.campaigns.runtime.memory` makes and cleans thousands of contexts.
"""
