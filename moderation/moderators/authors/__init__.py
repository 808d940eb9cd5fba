"""Authors: the measures that people take about them, the ladder at work, messages to them and their data.

No other subject may import it.
"""
