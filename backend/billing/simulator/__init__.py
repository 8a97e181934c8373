"""A payment provider for machines that have none: Stripe's HTTP API, as far as we use it.

The real library talks to it over loopback, its events carry real signatures, and its pages can be
clicked. It keeps everything in one file, so a restart forgets nothing.
"""
