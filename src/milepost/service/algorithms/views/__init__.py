"""Pages on algorithms, in numbers of people. None shows one person."""
