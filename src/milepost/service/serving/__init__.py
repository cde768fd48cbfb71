"""How the service answers HTTP: processes that a slow or greedy client cannot hold up, for pages and for ingest apart.

One loop a process holds every connection; a request goes to a thread only when all of it is there, and its answer
waits for its reader in the loop, not in the thread. See docs/adr/0015-doors-that-hold.md.
"""
