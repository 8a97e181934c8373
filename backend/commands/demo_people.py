"""People of the demo: names in eleven scripts and valid mobile numbers, the same for one seed.

The numbers are valid but nobody's in particular; in demo mode they reach the carrier simulator
only.
"""

import csv
import io
import random
from collections.abc import Iterator

import msgspec

NAMES: dict[str, tuple[str, ...]] = {
    "latin": (
        "Ingrid", "Élise", "Maximiliana-Élise", "Søren", "Åsa", "José", "Zoë", "Łukasz", "Björn",
        "Nguyễn", "Ömer", "Sinéad", "Anna", "Mohamed", "Chloé", "Jürgen", "Kari", "Ola",
    ),
    "greek": ("Ελένη", "Γιώργος", "Αθηνά"),
    "cyrillic": ("Ольга", "Дмитрий", "Їванна", "Милица"),
    "arabic": ("فاطمة", "محمد", "ليلى"),
    "hebrew": ("נועה", "דוד"),
    "devanagari": ("प्रिया", "अर्जुन"),
    "chinese": ("王芳", "李伟"),
    "japanese": ("さくら", "健太"),
    "korean": ("민준", "서연"),
    "thai": ("สมชาย", "มาลี"),
    "georgian": ("ნინო", "გიორგი"),
}  # fmt: skip
CITIES = ("Oslo", "Malmö", "Århus", "Lyon", "Αθήνα", "Łódź", "Düsseldorf", "Bergen", "Göteborg")
# Country → (prefix, free digits): mobile ranges with room for a million numbers each.
RANGES: tuple[tuple[str, str, int, int], ...] = (
    ("NO", "+479", 7, 70),
    ("SE", "+4670", 7, 20),
    ("FI", "+35840", 7, 5),
    ("FR", "+3361", 7, 5),
)
OTHER_SCRIPT_SHARE = 0.15
FATEFUL_ENDINGS_MAX = 20
"""The simulator gives numbers ending in 0001 to 0020 fates of their own; nobody here has one."""


class DemoPerson(msgspec.Struct, frozen=True):
    phone: str
    first_name: str
    city: str
    code: str


def people(count: int, seed: int = 1) -> Iterator[DemoPerson]:
    """`count` people with distinct numbers."""
    random_source = random.Random(seed)  # noqa: S311 - demo data, reproducible on purpose
    weights = [share for *_, share in RANGES]
    scripts = [script for script in NAMES if script != "latin"]
    steps = {prefix: random_source.randrange(10**digits) for _, prefix, digits, _ in RANGES}
    for _ in range(count):
        _, prefix, digits, _ = random_source.choices(RANGES, weights)[0]
        # A step coprime to 10^7 visits every number once before it repeats.
        steps[prefix] = (steps[prefix] + 7_654_321) % 10**digits
        while 1 <= steps[prefix] % 10_000 <= FATEFUL_ENDINGS_MAX:
            steps[prefix] = (steps[prefix] + 7_654_321) % 10**digits
        is_other = random_source.random() < OTHER_SCRIPT_SHARE
        script = random_source.choice(scripts) if is_other else "latin"
        yield DemoPerson(
            phone=f"{prefix}{steps[prefix]:0{digits}d}",
            first_name=random_source.choice(NAMES[script]),
            city=random_source.choice(CITIES),
            code=f"{random_source.randrange(36**4):06d}",
        )


def csv_of(persons: Iterator[DemoPerson]) -> bytes:
    """A file as a tenant would upload it: phone, first name, city, code."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["phone", "first name", "city", "code"])
    writer.writerows((p.phone, p.first_name, p.city, p.code) for p in persons)
    return text.getvalue().encode()
