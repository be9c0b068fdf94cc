"""A word is found in a text as Python finds it when ASCII capitals are small letters."""

from __future__ import annotations

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import String, literal, select

from data.queries.holds import holds

LETTERS = st.text("aAbBZz09-_%é堤防\\É", min_size=0, max_size=12)
WORDS = st.text("aAbBZz09-_%é堤防\\É", min_size=1, max_size=4)


def folded(text: str) -> str:
    return "".join(x.lower() if x.isascii() else x for x in text)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example(text="ZZ20261123-0001", word="zz2026")
@example(text="É", word="é")
@example(text="堤防ABZ", word="防abz")
@given(text=LETTERS, word=WORDS)
def test_a_text_holds_a_word_whatever_its_capitals(store, text, word):
    with store.read() as conn:
        found = conn.execute(select(holds(literal(text, String), word))).scalar()
    assert bool(found) is (folded(word) in folded(text))
