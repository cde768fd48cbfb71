"""Where a postcode, an address or a street is: national postcodes, an area's own address file, and a search over both."""
