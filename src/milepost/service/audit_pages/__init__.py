"""Pages on which an auditor asks who looked at whom, when and why. The log itself is ``audit``."""
