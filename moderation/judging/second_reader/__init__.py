"""How a second reader is asked, and how its answer is read: a model that reads a comment by the rule book.

Pure: no network, no clock, no randomness. Each contract is one file in `contracts/`. It may import the ground and
`text`.
"""
