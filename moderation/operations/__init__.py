"""The work of operators, and the house put together: migrations, retention, doctor, imports, composition.

It may import every wing.
"""
