"""Below every request: strict JSON, headers, tracing, held replies, slow clients.

It knows no call and no page.
"""
