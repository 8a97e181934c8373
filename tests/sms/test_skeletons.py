"""What a hurried eye reads, and where in the text it stands."""

from hypothesis import example, given, strategies as st

from backend.sms.skeletons import plain_bytes, plain_places, skeleton

TEXTS = st.text(max_size=40)


@given(TEXTS)
@example("plain")
@example("Blåbær på brød\xad, søtt")
@example("раураl — приз €5 🎁")
@example("e\u0301te\u0301 100 ₽ \u200b")
def test_every_byte_has_its_character(text):
    read, places = plain_bytes(text), plain_places(text)
    assert len(places) == len(read) + 1
    assert places == sorted(places)
    assert places[-1] == len(text)
    assert all(0 <= place < len(text) for place in places[:-1])


@given(TEXTS)
def test_what_is_plain_reads_as_itself(text):
    read = plain_bytes(text).decode("utf-8", "replace")
    assert plain_bytes(read) == plain_bytes(plain_bytes(read).decode("utf-8", "replace"))


def test_signs_are_blanks_and_marks_are_not_there():
    assert plain_bytes("PRI\u0301S 50 ₽") == b"pris 50 $"
    assert plain_bytes("win🎁now") == b"win now"
    assert plain_bytes("fr\xadee") == b"free"
    assert plain_bytes("сlіck") == plain_bytes("click")


def test_names_the_eye_confuses_are_one():
    assert len({skeleton(name) for name in ("PayPaI", "paypa1", "раураl", "Pay-Pal")}) == 1
    assert skeleton("rnicrosoft") == skeleton("Microsoft")
    assert skeleton("nordlys") != skeleton("nordea")
