"""What a paper says of itself: the text of its file is read by rules."""
