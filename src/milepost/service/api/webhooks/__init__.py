"""Telling other systems: written with the event, sent by a sender, signed, never to an address inside."""
