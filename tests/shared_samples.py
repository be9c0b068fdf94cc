"""Where real files of other producers lie, and what is known to be in them."""

import json
import os
from functools import cache
from pathlib import Path

import pytest

SAMPLES = Path(
    os.environ.get("ZHIZHI_SAMPLES")
    or Path(__file__).resolve().parent.parent.parent / "shared" / "samples"
)


def sample(name):
    """Return the path of a sample; skip the test where the samples are not there."""
    if not (SAMPLES / "expected.json").is_file():
        pytest.skip(f"no samples in {SAMPLES.name}: set ZHIZHI_SAMPLES to their folder")
    return SAMPLES / name


def sample_bytes(name):
    return sample(name).read_bytes()


@cache
def _facts(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


def expected(key):
    """Return what the samples' own account says under `key`."""
    return _facts(sample("expected.json"))[key]


def payload(name):
    """Return a file of tests/payloads."""
    return (Path(__file__).resolve().parent / "payloads" / name).read_bytes()
