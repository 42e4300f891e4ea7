"""Proof of identity (A12): that the person at the screen is the one whose names the cabinet bears."""
