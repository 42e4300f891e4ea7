"""What is counted of diagnoses: incidence, the threshold of a week, the form of a month, what the page says."""
