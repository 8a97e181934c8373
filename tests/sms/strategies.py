"""Texts weighted towards what breaks counters: boundaries, extensions, surrogate pairs."""

import string

from hypothesis import strategies as st

from backend.sms.encoding import BASIC_CHARACTERS, EXTENSION_CHARACTERS

BASIC = BASIC_CHARACTERS.replace("\x1b", "")
GSM7 = BASIC + "".join(EXTENSION_CHARACTERS)

gsm7_texts = st.text(st.sampled_from(GSM7), max_size=700)
extension_heavy = st.text(st.sampled_from("ab€[~"), min_size=140, max_size=500)
emoji_heavy = st.text(st.sampled_from("aж😀👍🏽"), min_size=60, max_size=300)
any_text = st.text(max_size=300)
with_surrogates = st.text(
    st.one_of(st.characters(), st.sampled_from("\ud83d\ude00\udfff\ud800")), max_size=200
)
texts = st.one_of(gsm7_texts, extension_heavy, emoji_heavy, any_text)
digits = st.text(string.digits, min_size=3, max_size=14)
