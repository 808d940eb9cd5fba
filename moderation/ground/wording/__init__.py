"""The sentences that readers and authors get: one gettext domain, ``readers``, with a catalogue for each language.

A sentence is named by its id, in English too. ``./run.sh translate`` compiles the catalogues in ``readers/`` to JSON.
It imports nothing of Gavel.
"""
