"""The units are hardened, name what there is, and the proxy's example leaves streams alone."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from data.catalogue.notices import read_notices, settings_of
from data.cli import main
from data.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
TIMERS = sorted((ROOT / "deploy" / "systemd").glob("*.timer"))
MOST = 20
"""Tenths: `systemd-analyze security` calls up to 2.0 OK."""


def analyze(*words):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed (apt install systemd)")
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *words], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("unit", UNITS, ids=lambda p: p.name)
def test_the_unit_is_exposed_hardly_at_all(unit):
    answer = analyze("security", "--offline=true", f"--threshold={MOST}", str(unit))
    assert answer.returncode == 0, answer.stdout[-300:] + answer.stderr


def test_systemd_understands_every_line():
    answer = analyze("verify", *map(str, UNITS + TIMERS))
    said = [line for line in answer.stderr.splitlines() if "zhizhi" in line]
    unknown = [line for line in said if "is not executable" not in line]
    assert unknown == []


def test_there_is_a_unit_for_each_part():
    names = {p.name for p in UNITS + TIMERS}
    assert names >= {
        "zhizhi-web.service", "zhizhi-collector.service", "zhizhi-backup.service",
        "zhizhi-backup.timer", "zhizhi-watchdog.service", "zhizhi-watchdog.timer",
    }  # fmt: skip


@pytest.mark.parametrize("unit", UNITS, ids=lambda p: p.name)
def test_what_a_unit_starts_is_there(unit):
    text = unit.read_text()
    for words in re.findall(r"^ExecStart=.*/python -m data (.*)$", text, re.M):
        command, *rest = words.split()
        options = [w for w in rest if w.startswith("--")]
        told = CliRunner().invoke(main, [command, "--help"])
        assert told.exit_code == 0
        assert all(option in told.output for option in options)
    for name in re.findall(r"^OnFailure=(\S+)$", text, re.M):
        assert (unit.parent / re.sub(r"@.*", "@.service", name)).is_file()
    assert "WatchdogSec" not in re.sub(r"^#.*$", "", text, flags=re.M)


def test_the_servers_are_not_root():
    for unit in UNITS:
        text = unit.read_text()
        assert ("User=zhizhi" in text) is (unit.name != "zhizhi-restart-web.service")


def test_the_example_of_the_settings_names_only_what_there_is():
    text = (ROOT / "deploy" / "zhizhi.env.example").read_text()
    known = {f"ZHIZHI_{name.upper()}" for name in Settings.model_fields} | {"DATABASE_URL", "PORT"}
    known |= settings_of(read_notices(Settings().catalogue))
    named = set(re.findall(r"^([A-Z_]+)=", text, re.M))
    assert named <= known
    hidden = ("SECRET_KEY=", "TOKEN=", "_NOTIFY_")
    secrets = [line for line in text.splitlines() if any(word in line for word in hidden)]
    assert all(line.endswith("=") for line in secrets), "no ready secret"


def test_the_proxy_leaves_streams_alone_and_hides_the_figures():
    text = (ROOT / "deploy" / "nginx" / "zhizhi.conf").read_text()
    live = re.search(r"location = /live \{(.*?)\}", text, re.S)
    assert live
    for line in ("proxy_buffering    off;", "gzip               off;", "proxy_read_timeout 30s;"):
        assert line in live[1]
    assert re.search(r"location = /metrics \{ return 403; \}", text)
    assert "ssl_protocols       TLSv1.2 TLSv1.3;" in text
    assert text.count("{") == text.count("}")


def test_nginx_understands_the_example(tmp_path):
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed")
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    key, cert = tmp_path / "k", tmp_path / "c"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
         "-subj", "/CN=x", "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    text = (ROOT / "deploy" / "nginx" / "zhizhi.conf").read_text()
    text = re.sub(r"/etc/nginx/tls/\S+\.crt", str(cert), text)
    text = re.sub(r"/etc/nginx/tls/\S+\.key", str(key), text).replace(
        "/var/log/nginx", str(tmp_path)
    )
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{text}\n}}\n")
    answer = subprocess.run(
        ["nginx", "-t", "-c", str(whole)], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
