"""The newsroom's nouns as frozen values, and the status moves that are allowed. No I/O, no clock."""
