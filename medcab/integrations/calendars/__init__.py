"""Calendars of other programs: iCalendar (RFC 5545)."""
