"""What a day of reception is made of, what may happen to a visit, and what each visit adds to the daily figures. Pure."""
