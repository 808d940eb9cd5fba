"""One run of an encoder: the windows that it reads, and the scores, vectors and amounts that it gives."""
