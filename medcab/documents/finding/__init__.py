"""Finding a paper among one's own."""
