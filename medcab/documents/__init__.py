"""Documents of a medical worker: what they are, how they are taken in, kept and shown."""
