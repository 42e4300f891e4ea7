"""Which diseases are found in the people of a department, when, and whether it is more than usual (K8)."""
