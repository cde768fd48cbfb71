"""Risk: the official actuarial instruments, exactly as published, and the tier that follows from them."""
