"""The scoring process: texts that wait, passes of the models, and the WSGI application."""
