"""Django's settings. Everything that differs between places comes from the environment; see docs/reference/settings.md.

Outside demo mode the service refuses to start without a secret key and the names of its hosts. Nothing
here turns debugging on.
"""

from __future__ import annotations

from pathlib import Path

import dj_database_url

from milepost.service import environment as env
from milepost.service.accounts import openid_settings
from milepost.service.environment import SettingError
from milepost.service.web import security

HERE = Path(__file__).resolve().parent
DATA = Path(env.text("MILEPOST_DATA", "milepost-data")).expanduser().resolve()
"""Where the embedded database, the position lake and the keys are, unless other settings say otherwise."""

DEMO = env.truth("MILEPOST_DEMO", False)
"""Synthetic people, one-click sign-in. Only ever answers on loopback."""
DEBUG = False

if DEMO:
    SECRET_KEY = env.text("MILEPOST_SECRET_KEY", "synthetic-people-only-" + "x" * 40)
    ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]
else:
    SECRET_KEY = env.text("MILEPOST_SECRET_KEY")
    if len(SECRET_KEY) < 50:
        raise SettingError(
            "MILEPOST_SECRET_KEY is too short. Make one with: python -c "
            "'import secrets; print(secrets.token_urlsafe(64))'"
        )
    ALLOWED_HOSTS = env.words("MILEPOST_HOSTS")
    if not ALLOWED_HOSTS:
        raise SettingError(
            "MILEPOST_HOSTS is not set. Name the hosts of the service, such as milepost.example.org."
        )
BEHIND_TLS = env.truth("MILEPOST_TLS", not DEMO)
"""Whether people reach the service through TLS. Without it cookies are not marked secure: loopback only."""
SECRET_KEY_FALLBACKS = env.words("MILEPOST_OLD_SECRET_KEYS")
CSRF_TRUSTED_ORIGINS = env.words("MILEPOST_ORIGINS")

INSTALLED_APPS = [
    "milepost.service.audit",
    "milepost.service.accounts",
    "milepost.service.web",
    "milepost.service.people",
    "milepost.service.maps",
    "milepost.service.gazetteer",
    "milepost.service.orders",
    "milepost.service.signals",
    "milepost.service.monitoring",
    "milepost.service.assessments",
    "milepost.service.caseload",
    "milepost.service.algorithms",
    "milepost.service.person_page",
    "milepost.service.audit_pages",
    "milepost.service.api",
    "milepost.service.upkeep",
    *(["milepost.service.demo"] if DEMO else []),
    "whitenoise.runserver_nostatic",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "milepost.service.web.requests.RequestIdMiddleware",
    "milepost.service.web.security.HeadersMiddleware",
    "milepost.service.accounts.middleware.DemoStaysHomeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "milepost.service.accounts.middleware.SessionEndMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "milepost.service.accounts.middleware.SignedInMiddleware",
    "milepost.service.accounts.naming.NamingMiddleware",
    "milepost.service.web.busy_middleware.BusyMiddleware",
]
ROOT_URLCONF = "milepost.service.urls"
WSGI_APPLICATION = "milepost.service.wsgi.application"
APPEND_SLASH = True

_JINJA_CONTEXT = [
    "django.template.context_processors.csrf",
    "django.template.context_processors.csp",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "milepost.service.accounts.context.page",
    *(["milepost.service.demo.tour.panel"] if DEMO else []),
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": sorted(HERE.glob("*/templates")),  # one folder an app, its pages under the app's name
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "milepost.service.web.jinja.environment",
            "context_processors": _JINJA_CONTEXT,
        },
    },
]

DATABASE_URL = env.text("DATABASE_URL", "")
if DATABASE_URL:
    DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=600, conn_health_checks=True)}
    if "postgresql" not in DATABASES["default"]["ENGINE"] and "sqlite3" not in DATABASES["default"]["ENGINE"]:
        raise SettingError("DATABASE_URL must begin with postgres:// or sqlite://.")
else:
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATA / "milepost.sqlite3")}}
if "sqlite3" in DATABASES["default"]["ENGINE"]:
    DATABASES["default"]["OPTIONS"] = {
        # A write takes its lock at once: no deadlock between two that began by reading.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
        " PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;",
    }
    DATABASES["default"]["TEST"] = {"NAME": None}
    # Closing the last connection to a file makes SQLite tidy its log: that cost more than a request.
    DATABASES["default"]["CONN_MAX_AGE"] = 600
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SECOND_FACTOR_REQUIRED = not DEMO
PASSKEY_DOMAIN = env.text("MILEPOST_PASSKEY_DOMAIN", "")
"""The name that passkeys are made for; empty: the host by which somebody came. With several hosts under one domain,
name the domain, or a passkey works on one of them only."""
NAMING_FAILS = False
"""Whether an answer that names somebody of whom the log says nothing is refused (in tests), or logged as an error."""
OPENID = openid_settings.read()
"""Signing in through an identity provider; None where none is named."""
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]

SESSION_COOKIE_NAME = "milepost_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = BEHIND_TLS
SESSION_IDLE_S = env.whole_number("MILEPOST_SESSION_IDLE_S", 30 * 60, at_least=60)
SESSION_COOKIE_AGE = env.whole_number("MILEPOST_SESSION_LONGEST_S", 12 * 3600, at_least=300)
CSRF_COOKIE_SECURE = BEHIND_TLS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "milepost.service.web.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = BEHIND_TLS
SECURE_SSL_REDIRECT = BEHIND_TLS and env.truth("MILEPOST_REDIRECT_TO_TLS", True)
SECURE_REDIRECT_EXEMPT = [r"^health/"]
TRUST_PROXY = env.truth("MILEPOST_TRUST_PROXY", False)
"""Whether a proxy in front sets X-Forwarded-Proto and X-Forwarded-For, and nobody can go round it."""
if TRUST_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = security.CONTENT_SECURITY_POLICY

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("cy", "Cymraeg")]
LOCALE_PATHS = [HERE / "locale"]
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = BEHIND_TLS
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LOCAL_TIME_ZONE = env.text("MILEPOST_TIME_ZONE", "Europe/London")
"""The zone in which people read the clock. Everything is kept in UTC."""

STATIC_URL = "static/"
STATIC_ROOT = None  # served from the package itself: nothing to collect, nothing to forget
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # nothing is stored as loose files
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
MAILERS = {
    "default": {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
}  # mail would leave the house

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

LEAST_FREE_BYTES = env.whole_number("MILEPOST_LEAST_FREE_MB", 8, at_least=1) * 1024 * 1024
"""With less room than this for the embedded database the service says that it is not ready: SQLite needs room to
copy its log into the database, or nothing can be written at all."""
AUDIT_KEY = env.text("MILEPOST_AUDIT_KEY", "")
"""The secret that signs checkpoints of the audit log; empty: a file in DATA, made when it is first needed."""
CHECKPOINT_FOLDER = (
    Path(env.text("MILEPOST_CHECKPOINT_FOLDER", str(DATA / "checkpoints"))).expanduser().resolve()
)
"""Where upkeep puts signed checkpoints of the audit log, one file each. Best on a machine of somebody else."""
CHECKPOINT_WEBHOOK = env.text("MILEPOST_CHECKPOINT_WEBHOOK", "")
"""An https address that each checkpoint is also posted to."""
CHECKPOINT_SYSLOG = env.text("MILEPOST_CHECKPOINT_SYSLOG", "")
"""A log server that each checkpoint is also told to: tcp://host:port, udp://host:port or the path of a socket."""
if CHECKPOINT_WEBHOOK and not CHECKPOINT_WEBHOOK.startswith("https://") and not DEMO:
    raise SettingError("MILEPOST_CHECKPOINT_WEBHOOK must begin with https://.")
if CHECKPOINT_SYSLOG and not CHECKPOINT_SYSLOG.startswith(("tcp://", "udp://", "/")):
    raise SettingError(
        "MILEPOST_CHECKPOINT_SYSLOG must begin with tcp:// or udp://, or be the path of a socket."
    )
CHECKPOINT_HOURS = env.whole_number("MILEPOST_CHECKPOINT_HOURS", 1, at_least=1, at_most=24 * 7)
"""Hours between checkpoints."""
LAKE = Path(env.text("MILEPOST_LAKE", str(DATA / "lake")))
"""The position lake: closed days of signals."""
RULES = env.text("MILEPOST_RULES", "")
"""A folder of rule tables; empty takes the illustrative ones that ship."""
PREDICTORS = Path(env.text("MILEPOST_PREDICTORS", str(DATA / "predictors")))
"""The registry of predictors that the area has trained: a folder. Absent: there are none."""
PREDICTORS_KEY = env.text("MILEPOST_PREDICTORS_KEY", "")
"""The secret that signs a predictor's steps; empty: the file signing.key in the registry."""
RETENTION = env.text("MILEPOST_RETENTION", "")
"""A retention schedule of one's own; empty takes the illustrative one that ships."""
MQTT_URL = env.text("MILEPOST_MQTT_URL", "")
ENGINE_BUCKETS = env.whole_number("MILEPOST_ENGINE_BUCKETS", 4, at_least=1, at_most=1024)
"""Into how many parts the people on tag are divided between engine workers."""
WEBHOOK_NETWORKS = env.words("MILEPOST_WEBHOOK_NETWORKS")
"""Networks inside, such as 10.1.2.0/24, that webhooks may be sent to all the same. None unless named."""
TILES = env.text("MILEPOST_TILES", "")
STREETS = env.text("MILEPOST_STREETS", "")
GAZETTEER = env.text("MILEPOST_GAZETTEER", str(DATA / "gazetteer"))
"""Folder of what places are found in: the national postcodes, made on first use, and an area's addresses."""

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "milepost.service.web.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": env.text("MILEPOST_LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "uvicorn.error": {"level": "ERROR"},  # what strangers send wrongly fills no log
    },
}
SILENCED_SYSTEM_CHECKS = ["security.W021", "mail.E001"]
"""HSTS preload binds a whole domain for years: its owner decides that, at the domain, not one service on it. And no
mail is sent at all: it would leave the house."""
