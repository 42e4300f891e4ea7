"""What medcab costs, against what it stands on: each figure is a ratio or a bound measured side by side in one run."""
