"""The ledger's door: `lots` brings credits in, `holds` uses them, `balance` reads.

Verbs are steps of the caller's transaction. Call them last in it: each locks the tenant's ledger
until the commit. A reference is the verb's identity: the same verb with it again moves nothing and
answers the earlier transfer; another verb with it is Conflict `reference_reused`. A refused verb
has changed nothing.
"""
