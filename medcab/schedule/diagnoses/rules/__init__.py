"""What a diagnosis is: classes and names of МКБ-10, groups of age, what may be entered, where it is counted. Pure."""
