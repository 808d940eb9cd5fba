"""The calls about the site itself: its settings, reasons, languages and policy."""
