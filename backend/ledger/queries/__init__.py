"""All SQL of the ledger outside its migration: the verbs' calls, the reads, the proofs."""
