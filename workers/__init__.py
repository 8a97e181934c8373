"""Dramatiq processes and the clock: skins over the backend, which never knows them.

The truth is in Postgres. A message on a queue is a doorbell with an id; losing all of them costs
seconds, because the clock rings again for whatever is not done.
"""
