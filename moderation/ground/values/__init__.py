"""The newsroom's nouns as frozen values, shared by all rooms.

No I/O, no clock; it may import no other room.
"""
