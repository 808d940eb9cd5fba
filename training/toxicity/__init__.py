"""The stages of the English encoder, its n-grams and its calibration, from rows to finished weights."""
