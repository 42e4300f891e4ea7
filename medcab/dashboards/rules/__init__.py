"""What the figures of a department mean: sums (tally), definitions and norms (kpi), spans (period), comparison, words."""
