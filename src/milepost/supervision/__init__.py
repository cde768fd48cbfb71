"""Rules of contact: whom somebody has to see to today, why, by when. Knows no database and no web page."""
