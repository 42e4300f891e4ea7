"""medcab: the personal cabinet of a medical worker."""
