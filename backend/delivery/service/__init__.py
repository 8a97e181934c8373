"""Preparing, sending, receipts, settling and stopping: the door of delivery, split by noun."""
