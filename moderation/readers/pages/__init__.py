"""Pages as their readers see them: published comments in threads, counts, and the version by which a page sees changes.

May import comments, articles and sites, and no other subject.
"""
