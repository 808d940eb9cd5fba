"""Engines, transactions, column types and leases, for SQLite and PostgreSQL.

It knows no subject and may import none.
"""
