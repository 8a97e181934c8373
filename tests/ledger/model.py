"""What the ledger should do, said once more in plain Python: DESIGN §3.3 without a database.

Every verb either raises Refused before it changed anything, or changes the lots. Time is a number
of days; `tick` orders what happens on one day.
"""

from dataclasses import asdict, dataclass, field

EXTENSION_DAYS = 30
NEVER = float("inf")


class Refused(Exception):
    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass
class Lot:
    kind: str
    amount: int
    available: int
    priority: int = 10
    expires: float = NEVER
    reserved: int = 0
    spent: int = 0
    frozen: int = 0
    expired: int = 0
    reversed: int = 0
    refunded: int = 0
    adjusted: int = 0
    repaid: int = 0
    settled: int = 0
    charged_back: int = 0
    dispute: str | None = None

    def figures(self) -> dict[str, object]:
        return {name: value for name, value in asdict(self).items() if name != "expires"}


@dataclass
class Part:
    lot: Lot
    reserved: int
    captured: int = 0
    released: int = 0
    returned: int = 0
    is_reversed: bool = False

    @property
    def open(self) -> int:
        return self.reserved - self.captured - self.released


@dataclass
class Hold:
    parts: list[Part]
    is_closed: bool = False

    @property
    def open(self) -> int:
        return sum(part.open for part in self.parts)

    @property
    def kept(self) -> int:
        """Captured and not returned."""
        return sum(part.captured - part.returned for part in self.parts)


@dataclass
class Model:
    lots: list[Lot] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    refunds: list[tuple[Lot, int]] = field(default_factory=list)
    restored: set[int] = field(default_factory=set)
    issued: int = 0
    owed: int = 0
    day: int = 0
    tick: int = 0

    @property
    def now(self) -> float:
        return self.day + self.tick / 1_000_000

    @property
    def line(self) -> Lot | None:
        return next((lot for lot in self.lots if lot.kind == "line"), None)

    def is_past(self, lot: Lot) -> bool:
        return lot.expires <= self.now

    def usable(self) -> list[Lot]:
        """In the order of their use."""
        found = [lot for lot in self.lots if lot.available and not self.is_past(lot)]
        return sorted(
            found,
            key=lambda lot: (
                lot.kind == "line",
                lot.priority,
                lot.expires,
                lot.kind != "promotional",
            ),
        )

    def accounts(self) -> dict[str, int]:
        def total(name: str) -> int:
            return sum(getattr(lot, name) for lot in self.lots)

        return {
            "issued": -self.issued,
            "available": total("available") - (self.line.amount if self.line else 0),
            "held": total("reserved"),
            "frozen": total("frozen"),
            "spent": total("spent"),
            "expired": total("expired"),
            "reversed": total("reversed") + total("charged_back"),
            "refunded": total("refunded"),
            "receivable": -self.owed,
        }

    # In ---------------------------------------------------------------------------------------

    def buy(self, amount: int, days: int | None) -> None:
        settled = min(self.owed, amount)
        repaid = 0
        if self.line:
            repaid = min(self.line.spent + self.line.repaid, amount - settled)
            self.line.available += repaid
            self.line.repaid -= repaid
        lot = Lot("paid", amount, amount - settled - repaid, repaid=repaid, settled=settled)
        lot.expires = NEVER if days is None else self.now + days
        self.lots.append(lot)
        self.owed -= settled
        self.issued += amount

    def give(self, kind: str, amount: int, priority: int = 10) -> None:
        self.lots.append(Lot(kind, amount, amount, priority))
        self.issued += amount

    def withdraw(self, amount: int) -> None:
        lots = [lot for lot in self.usable() if lot.kind != "line"]
        if sum(lot.available for lot in lots) < amount:
            raise Refused("insufficient_credits")
        self.issued -= amount
        for lot in lots:
            taken = min(lot.available, amount)
            lot.available -= taken
            lot.adjusted += taken
            amount -= taken

    def set_line(self, limit: int) -> None:
        line = self.line
        if line is None:
            self.lots.append(Lot("line", limit, limit))
        elif line.amount - line.available > limit:
            raise Refused("line_in_use")
        else:
            line.available += limit - line.amount
            line.amount = limit

    # Used -------------------------------------------------------------------------------------

    def place_hold(self, amount: int) -> None:
        if self.owed and (self.line.available if self.line else 0) < amount:
            raise Refused("receivable_open")
        if sum(lot.available for lot in self.usable()) < amount:
            raise Refused("insufficient_credits")
        parts = []
        for lot in self.usable():
            taken = min(lot.available, amount)
            if taken:
                lot.available -= taken
                lot.reserved += taken
                parts.append(Part(lot, taken))
                amount -= taken
        self.holds.append(Hold(parts))

    def capture(self, hold: Hold, amount: int) -> None:
        if hold.is_closed:
            raise Refused("hold_closed")
        if hold.open < amount:
            raise Refused("hold_exceeded")
        for part in hold.parts:
            taken = min(part.open, amount)
            part.captured += taken
            part.lot.reserved -= taken
            part.lot.spent += taken
            amount -= taken
            if part.is_reversed:
                part.lot.charged_back += taken
                self.owed += taken

    def release(self, hold: Hold, amount: int, *, ours: bool) -> None:
        if hold.is_closed:
            raise Refused("hold_closed")
        if hold.open < amount:
            raise Refused("hold_exceeded")
        for part in reversed(hold.parts):
            freed = min(part.open, amount)
            part.released += freed
            part.lot.reserved -= freed
            amount -= freed
            if part.is_reversed:
                part.lot.reversed += freed
            else:
                self.come_back(part.lot, freed, ours=ours)

    def release_rest(self, hold: Hold) -> None:
        if not hold.is_closed:
            self.release(hold, hold.open, ours=False)
            hold.is_closed = True

    def give_back(self, hold: Hold, amount: int) -> None:
        if hold.kept < amount:
            raise Refused("hold_exceeded")
        for part in reversed(hold.parts):
            back = min(part.captured - part.returned, amount)
            part.returned += back
            part.lot.spent -= back
            amount -= back
            if part.lot.kind == "line":
                self.come_back_to_line(part.lot, back)
            else:
                self.come_back(part.lot, back, pays=True)

    def come_back_to_line(self, line: Lot, amount: int) -> None:
        excess = max(0, -line.spent - line.repaid)
        line.repaid += excess
        line.available += amount - excess
        for lot in reversed(self.lots):
            undone = min(excess, max(lot.repaid, 0))
            lot.repaid -= undone
            excess -= undone
            self.come_back(lot, undone, pays=True)

    def come_back(
        self,
        lot: Lot,
        amount: int,
        *,
        ours: bool = False,
        pays: bool = False,
        refunded: bool = False,
    ) -> None:
        if not amount:
            return
        is_past = self.is_past(lot)
        if is_past and ours:
            lot.expires = self.now + EXTENSION_DAYS
        if lot.dispute == "open":
            lot.frozen += amount
            return
        if lot.dispute == "lost" and refunded:
            lot.reversed += amount
            return
        if lot.dispute == "lost" and pays:
            paid = min(amount, self.owed)
            self.owed -= paid
            lot.settled += paid
            amount -= paid
        if is_past and not ours:
            lot.expired += amount
        else:
            lot.available += amount

    def expire(self) -> None:
        for lot in self.lots:
            if self.is_past(lot):
                lot.expired += lot.available
                lot.available = 0

    # Decided ----------------------------------------------------------------------------------

    def unspent(self, lot: Lot) -> int:
        return 0 if lot.dispute or self.is_past(lot) else lot.available

    def refund(self, lot: Lot, amount: int) -> None:
        if lot.kind != "paid":
            raise Refused("not_refundable")
        if self.unspent(lot) < amount:
            raise Refused("refund_exceeds_unspent")
        lot.available -= amount
        lot.refunded += amount
        self.refunds.append((lot, amount))

    def restore(self, number: int) -> None:
        if number in self.restored:
            raise Refused("already_restored")
        self.restored.add(number)
        lot, amount = self.refunds[number]
        lot.refunded -= amount
        self.come_back(lot, amount, ours=True, refunded=True)

    def reverse(self, lot: Lot) -> None:
        if self.unspent(lot) < lot.amount:
            raise Refused("reversal_exceeds_unspent")
        lot.available, lot.adjusted = 0, lot.amount
        self.issued -= lot.amount

    def dispute(self, lot: Lot) -> None:
        if lot.dispute:
            raise Refused("already_disputed")
        lot.dispute = "open"
        lot.frozen, lot.available = lot.available, 0

    def win(self, lot: Lot) -> None:
        if lot.dispute != "open":
            raise Refused("not_disputed")
        lot.dispute = None
        thawed, lot.frozen = lot.frozen, 0
        self.come_back(lot, thawed)

    def lose(self, lot: Lot) -> None:
        if lot.dispute != "open":
            raise Refused("not_disputed")
        lot.dispute = "lost"
        lot.reversed += lot.frozen
        lot.frozen = 0
        lot.charged_back = lot.spent + lot.repaid + lot.settled
        self.owed += lot.charged_back
        for hold in self.holds:
            for part in hold.parts:
                if part.lot is lot and part.open:
                    part.is_reversed = True

    def write_off(self, amount: int) -> None:
        if self.owed < amount:
            raise Refused("write_off_exceeds_owed")
        self.owed -= amount
        self.issued += amount
