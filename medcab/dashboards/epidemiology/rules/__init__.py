"""What is counted of diagnoses: classes of МКБ-10, groups of age, incidence, the threshold of a week."""
