"""Proof of identity through a bank."""
