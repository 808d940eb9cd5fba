"""HTTP: the API that news sites call and the desk that moderators work at. It imports no model library."""
