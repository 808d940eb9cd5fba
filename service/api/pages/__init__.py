"""The calls by which a page reads what readers see. They need no key, and proxies may keep the answers for a while."""
