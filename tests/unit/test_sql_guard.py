"""One reading question, whatever quotes and comments it hides behind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.collector.outbound import FetchError
from data.collector.sql_guard import database_url, one_select, without_secrets

GOOD = [
    "select a from t where u > :since order by u",
    "  SELECT 1 ;  ",
    "with x as (select 1 a) select a from x -- ; drop table t",
    "select ';' as s, \"a;b\", replace(a, 'x', 'y') from t /* ; delete */",
    "select $$ ; delete from t $$ as s",
    "-- first\nselect 'it''s; update' as s",
    "select updated_at, deleted, inserted_by from t",
]
BAD = {
    "": "not a SELECT",
    "delete from t": "not a SELECT",
    "select 1; select 2": "more than one",
    "select 1;;": None,
    "select 1; drop table t": "more than one",
    "with x as (delete from t returning *) select * from x": "only read: delete",
    "select * into u from t": "only read: into",
    "explain select 1": "not a SELECT",
    "call p()": "not a SELECT",
    "select 'a": "never closed",
    "select 1 /* x": "never closed",
    "select 'a\\'; drop table t; --'": "backslash",
    "/* x */ update t set a = 1": "not a SELECT",
}


@pytest.mark.parametrize("query", GOOD)
def test_one_reading_question_passes(query):
    assert one_select(query) == query.strip().rstrip(";").strip()


@pytest.mark.parametrize(("query", "said"), BAD.items())
def test_anything_else_is_refused_with_a_word_why(query, said):
    if said is None:
        assert one_select(query) == "select 1"
        return
    with pytest.raises(FetchError, match=said):
        one_select(query)


@given(st.text(alphabet="select delete;'\"-*/$\\\n() 1ax", max_size=40))
def test_any_text_is_taken_or_refused(text):
    try:
        taken = one_select(text)
    except FetchError:
        return
    assert taken.lower().lstrip(" \n-*/()'\"$").strip() or taken


@pytest.mark.parametrize(
    "text", ["", "no url", "mssql://a/b", "postgres//x", "nosuch+driver://h/d"]
)
def test_an_address_that_cannot_be_opened_for_reading_only_is_refused(text):
    with pytest.raises(FetchError, match="BUREAU_DB") as error:
        database_url(text, "BUREAU_DB")
    assert not text or text not in str(error.value)


def test_the_password_is_taken_out_however_it_is_spelled():
    url = database_url("postgresql://u:p%40ss%20w@h/d", "BUREAU_DB")
    assert url.drivername == "postgresql+psycopg"
    said = without_secrets("failed for p@ss w and p%40ss%20w and p%40ss+w\nmore", url)
    assert said == "failed for *** and *** and *** more"
