"""Forms of orders: what a page asks, and the JSON or times that the answers mean."""
