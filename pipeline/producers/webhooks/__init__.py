"""The webhook receiver: systems that push call it, and it answers only when Kafka has what they said.

``config`` what is to be received; ``sources`` each source with its converter and checkpoint; ``writer`` the one thread
that converts, remembers and publishes; ``intake`` what is read of a request and what is refused; ``app`` the paths;
``server`` the process.
"""
