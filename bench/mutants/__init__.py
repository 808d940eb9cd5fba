"""How many harmful changes the trial of changes stops, and how many harmless ones: mutants of a policy, of weights
and of a second reader.

Harm is measured apart from the trial, on labelled comments that it does not know. It may import all of Gavel.
"""
