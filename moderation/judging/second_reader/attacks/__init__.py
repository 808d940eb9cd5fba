"""Comments that try to turn a second reader, and the trial that it must stand before it counts.

Pure: the trial is given a function that asks.
"""
