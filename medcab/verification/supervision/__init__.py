"""What the federal supervision service tells of: a reason to ask the register, never an answer."""
