"""Appeals at the desk: those that wait for this person, one with its receipt and thread, and what came of them."""
