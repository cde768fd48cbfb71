"""Places by postcode and address: the gazetteer of the library for pages, with the licence of what it shows."""
