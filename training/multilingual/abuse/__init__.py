"""The fifth sitting in other languages: threats, insults and attacks on groups, with texts written for it."""
