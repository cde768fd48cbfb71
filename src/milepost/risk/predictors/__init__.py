"""Learned predictors of an area's own: made, judged, watched, retired. None is shipped for real use."""
