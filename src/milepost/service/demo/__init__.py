"""The demonstration: a town of made-up people with a past behind them and an evening that is happening now."""
