"""The finance desk's view across features: search, closed days, reconciliation, reports."""
