"""End to end: real brokers, the ``callboard`` command as its own processes, and the published store as readers see it.

* ``command``: run a command to its end
* ``worker``: start, watch, stop and kill a worker
* ``published``: ask the published store, wait for it, compare two of them
* ``topics``: records sent to the broker byte by byte, and what the topics hold
"""
