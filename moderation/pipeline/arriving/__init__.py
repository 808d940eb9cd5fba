"""Comments on their way in: the limits of the backlog, of lanes and of one reader, and storing what is accepted.

It may import every room of the core but `importing` and `operating`.
"""
