"""Long campaigns, run by hand or by night; short forms of them are part of the test suite.

`python -m tests.campaigns.fuzz TREE` plants imports in real files and migrates them,
`python -m tests.campaigns.corpus TREE` asks whether files that name nothing stay as they are.
Both judge by an oracle of their own, which shares no code with the tool.
"""
