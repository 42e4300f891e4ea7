"""Telling people of what comes due, beforehand."""
