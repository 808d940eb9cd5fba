"""The registry of signals, and a module for each signal that needs no model.

Pure: no database, no clock.
"""
