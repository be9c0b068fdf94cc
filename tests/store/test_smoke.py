from tests.store.support import *
def test_x(store):
    put(store, observed(CALLS, YUANCHENG, "2026-11-18T09:00", 5))
    assert sums(store,"week",CALLS,CITY,"2026-11-16") == (5,None,1)
def test_y(store): pass
def test_z(store): pass
