"""The registry of signals, a module for each signal that needs no model, and the comment that they are measured of.

Pure: no database, no clock.
"""
