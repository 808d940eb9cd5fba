"""Operating an installation: migrations, backups, vital signs, failed items, and the command line.

It may import every room but `arriving` and `importing`.
"""
