"""The engine: signals against conditions give findings with evidence; batch and live."""
