"""Outside demo mode: cookies, TLS, Django's own deployment check; and every setting that is wrong says so."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from milepost.service.environment import SettingError

ROOT = Path(__file__).parents[3]
FILE = ROOT / "src" / "milepost" / "service" / "settings.py"
PRODUCTION = {
    "MILEPOST_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUV",
    "MILEPOST_HOSTS": "milepost.example.org",
}


def load(monkeypatch, tmp_path, **env: str) -> ModuleType:
    """The settings as this environment would make them."""
    for name in [n for n in os.environ if n.startswith("MILEPOST_") or n == "DATABASE_URL"]:
        monkeypatch.delenv(name)
    for name, value in {"MILEPOST_DATA": str(tmp_path), **env}.items():
        monkeypatch.setenv(name, value)
    spec = importlib.util.spec_from_file_location("settings_tried", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_outside_demo_mode_cookies_are_guarded(monkeypatch, tmp_path):
    s = load(monkeypatch, tmp_path, **PRODUCTION)
    assert (s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.LANGUAGE_COOKIE_SECURE) == (True, True, True)
    assert (s.SESSION_COOKIE_HTTPONLY, s.CSRF_COOKIE_HTTPONLY, s.LANGUAGE_COOKIE_HTTPONLY) == (
        True,
        True,
        True,
    )
    assert (s.SESSION_COOKIE_SAMESITE, s.LANGUAGE_COOKIE_SAMESITE) == ("Lax", "Lax")
    assert (s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS) == (True, 31_536_000)
    assert (s.DEBUG, s.SECOND_FACTOR_REQUIRED, s.DEMO) == (False, True, False)
    assert not [app for app in s.INSTALLED_APPS if "demo" in app]
    assert not hasattr(s, "SECURE_PROXY_SSL_HEADER"), "a header anybody can send is not believed unasked"


def test_the_demonstration_has_hosts_of_this_machine_only(monkeypatch, tmp_path):
    s = load(monkeypatch, tmp_path, MILEPOST_DEMO="yes", MILEPOST_HOSTS="milepost.example.org")
    assert set(s.ALLOWED_HOSTS) == {"127.0.0.1", "localhost", "[::1]", "testserver"}


@pytest.mark.parametrize(("changes", "message"), [
    ({"MILEPOST_SECRET_KEY": None}, "MILEPOST_SECRET_KEY is not set"),
    ({"MILEPOST_SECRET_KEY": "short"}, "MILEPOST_SECRET_KEY is too short"),
    ({"MILEPOST_SECRET_KEY": None, "MILEPOST_SECRET_KEY_FILE": "/nowhere"}, "MILEPOST_SECRET_KEY_FILE names /nowhere"),
    ({"MILEPOST_HOSTS": None}, "MILEPOST_HOSTS is not set"),
    ({"MILEPOST_DEMO": "perhaps"}, "MILEPOST_DEMO is 'perhaps'. Write yes or no"),
    ({"MILEPOST_TLS": "maybe"}, "MILEPOST_TLS is 'maybe'"),
    ({"MILEPOST_TRUST_PROXY": "x"}, "MILEPOST_TRUST_PROXY is 'x'"),
    ({"MILEPOST_REDIRECT_TO_TLS": "x"}, "MILEPOST_REDIRECT_TO_TLS is 'x'"),
    ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL must begin with postgres:// or sqlite://"),
    ({"MILEPOST_SESSION_IDLE_S": "soon"}, "MILEPOST_SESSION_IDLE_S is 'soon'. Write a whole number"),
    ({"MILEPOST_SESSION_IDLE_S": "5"}, "MILEPOST_SESSION_IDLE_S is 5. Write a number from 60"),
    ({"MILEPOST_SESSION_LONGEST_S": "5"}, "MILEPOST_SESSION_LONGEST_S is 5"),
    ({"MILEPOST_ENGINE_BUCKETS": "0"}, "MILEPOST_ENGINE_BUCKETS is 0"),
    ({"MILEPOST_OIDC_ISSUER": "ftp://x"}, "MILEPOST_OIDC_ISSUER is 'ftp://x'"),
])  # fmt: skip
def test_a_wrong_setting_names_itself_and_the_remedy(monkeypatch, tmp_path, changes, message):
    env = {k: v for k, v in {**PRODUCTION, **changes}.items() if v is not None}
    with pytest.raises(SettingError) as problem:
        load(monkeypatch, tmp_path, **env)
    assert message in str(problem.value)


def manage(tmp_path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("MILEPOST_", "DJANGO_")) and k != "DATABASE_URL"
    }
    return subprocess.run(
        [sys.executable, "-c", "from milepost.cli import main; main()", "manage", *arguments],
        cwd=ROOT, env={**clean, "MILEPOST_DATA": str(tmp_path), **env}, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip


def test_django_finds_nothing_to_warn_of(tmp_path):
    done = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr


def test_a_command_ends_with_the_message_and_no_stack(tmp_path):
    done = manage(tmp_path, "check")
    assert done.returncode == 1
    assert "MILEPOST_SECRET_KEY is not set" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_model_has_its_migrations(tmp_path):
    done = manage(tmp_path, "makemigrations", "--check", "--dry-run", **PRODUCTION)
    assert done.returncode == 0, done.stdout
