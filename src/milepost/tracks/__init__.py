"""Where signals come from: formats in, quality flags, the position lake."""
