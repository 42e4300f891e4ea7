"""What money is counted by: pure."""
