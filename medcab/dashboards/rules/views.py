"""How long the words of a kept or sent view may be."""

LONGEST_NAME, LONGEST_NOTE = 60, 200
