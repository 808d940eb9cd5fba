"""Statements of reasons for the authors of comments that are rejected or taken offline (Regulation (EU) 2022/2065,
Article 17), made from the stored facts of the decision, and their form for the EU's transparency database.

May import `comments` and what is below it. `announcing` is a part of the event of a decision.
"""
