"""Learning from the people of a site: their decisions as labels, and versions of learnt weights. Nothing is fitted
here."""
