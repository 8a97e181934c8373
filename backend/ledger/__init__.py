"""Credits: accounts, transfers, entries, lots and holds. The only code that moves them.

Sign convention. Each tenant has nine accounts whose balances sum to 0 at every commit:

- `available`, `held`, `frozen`, `spent`, `expired`, `reversed`, `refunded` count up: a positive
  balance is that many credits. Only `available` may go below 0, as far as the credit line.
- `issued` counts down: its balance is −(topped up + granted + adjusted).
- `receivable` is a debit account: its balance is −(what the tenant owes us).

So the sum reads as promise 1: −issued − receivable = available + held + frozen + spent + expired
+ reversed + refunded. A transfer has one positive amount, one account it leaves and one it enters;
its kind names the ways it may go (a CHECK of the table).
"""
