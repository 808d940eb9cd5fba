"""Authors: the measures that people take about them, the ladder at work, messages to them, their data and its erasure.

No other subject may import it.
"""
