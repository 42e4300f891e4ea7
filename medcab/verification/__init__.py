"""Proving who a medical worker is and what they may do, against the federal register."""
