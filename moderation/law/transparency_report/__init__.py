"""The transparency report of a site's moderation (Regulation (EU) 2022/2065, Articles 15 and 24): its sums, in the
order of the Commission's template.

May import `appeals`, `notices`, `statements` and what is below them; error rates come from the caller.
"""
