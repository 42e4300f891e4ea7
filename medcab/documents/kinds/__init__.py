"""What a paper proves, and how long it holds."""
