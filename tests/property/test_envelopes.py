"""Whatever is sent to a callback: an answer or a refusal, never a fault, never a traceback."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import create_app
from callbacks import identity
from data.cases.loop import Actor
from data.catalogue import catalogue
from data.cli.store import prepare
from data.models import store_info
from data.settings import Settings
from data.store import Store
from data.vocabulary import Role
from tests.envelopes import VALUES, broken, like_dash

CALL = "/_dash-update-component"
MANY = settings(
    max_examples=8, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large,
                           HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('gate') / 'city.sqlite'}")
    prepare(store)
    with store.write() as conn:
        conn.execute(store_info.insert().values(key="demo", value="true"))
    quick = Settings(calls_per_second=1000, calls_at_once=10_000)
    patch.setattr("app.settings", lambda: quick)
    made = create_app(store, build="b1").server
    acting = {"role": Role.LEADER}

    def require(*roles):
        actor = Actor(1, "某人", acting["role"], None, None)
        if roles and actor.role not in roles:
            raise identity.Refused(actor, frozenset(roles))
        return actor

    patch.setattr(identity, "require", require)
    patch.setattr(identity, "current", require)
    made.extensions["acting"] = acting
    yield made
    made.extensions["hub"].close()
    store.dispose()
    patch.undo()


def outputs():
    """Every callback there is, by a short name."""
    app = create_app(Store("sqlite://"), build="b1")
    gate = app.server.extensions["gate"]
    app.server.extensions["hub"].close()
    return sorted(gate._known.values(), key=lambda c: c.output)


CONTRACTS = outputs()


def ask(server, contract, body):
    roles = contract.roles or frozenset({Role.LEADER})
    acting = Role.LEADER if Role.LEADER in roles else min(roles)
    server.extensions["acting"]["role"] = acting
    return server.test_client().post(CALL, json=body)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.output[:40])
def test_any_value_in_its_place_is_answered_or_refused(server, contract):
    @MANY
    @given(like_dash(contract))
    def asked(body):
        answer = ask(server, contract, body)
        assert answer.status_code in (200, 204, 400, 403), (answer.status_code, body)
        assert b"Traceback" not in answer.get_data()

    asked()


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.output[:40])
def test_whatever_is_wrong_with_an_envelope_it_is_no_fault(server, contract):
    @MANY
    @given(broken(contract))
    def asked(body):
        assert ask(server, contract, body).status_code in (200, 204, 400, 403), body

    asked()


@MANY
@given(st.one_of(VALUES, st.fixed_dictionaries({"output": st.sampled_from([c.output for c in CONTRACTS])},
                                               optional={"inputs": VALUES, "outputs": VALUES, "state": VALUES,
                                                         "changedPropIds": VALUES})))  # fmt: skip
def test_what_is_no_envelope_is_400(server, body):
    assert server.test_client().post(CALL, json=body).status_code in (400, 415)


@MANY
@given(st.binary(max_size=200))
def test_bytes_are_400(server, body):
    answer = server.test_client().post(CALL, data=body, content_type="application/json")
    assert answer.status_code == 400


def test_there_is_nothing_in_the_catalogue_that_no_test_reaches(server):
    assert len(CONTRACTS) == len(server.extensions["gate"]._app.callback_map)
    assert catalogue().areas
