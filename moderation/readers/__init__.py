"""Pages that readers see, their reports, and the editors' picks.

It may import the spine and all below, and not the law.
"""
