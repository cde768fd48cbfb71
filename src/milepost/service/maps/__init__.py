"""Maps: where someone was, how surely, and the same in a table. Also the door to the map's tiles."""
