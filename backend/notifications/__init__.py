"""Notices of what happened and the mails that carry them. Nothing below knows this feature: it
hears of the product's life by outbox topics, and each event may be told to it twice.
"""
