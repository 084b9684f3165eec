"""Settings of NexaConnect. Everything that differs between machines comes from the environment (``env.py``).

``docs/operations.md`` lists the variables.
"""

from __future__ import annotations

from pathlib import Path

from celery.schedules import schedule
from csp.constants import NONE, SELF
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from crm_project.env import Env, celery_broker_url, database_from_url
from crm_project.launcher.services import development_environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env.from_process()

DEBUG = env.flag("DEBUG", default=False)
DEVELOPMENT = env.flag("NEXACONNECT_DEVELOPMENT", default=not env.text("DATABASE_URL", ""))
"""True where the product carries its own servers (a laptop, a test): mail is captured, a key is generated."""

local = development_environment(BASE_DIR) if DEVELOPMENT else {}
SECRET_KEY = env.text("SECRET_KEY", local.get("SECRET_KEY"))
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]", ".localhost") if DEVELOPMENT else ())
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
DEFAULT_WORKSPACE = "w_main"
DEFAULT_WORKSPACE_FOR_UNKNOWN_HOSTS = env.flag("DEFAULT_WORKSPACE_FOR_UNKNOWN_HOSTS", default=DEVELOPMENT)

# --- apps -----------------------------------------------------------------------------------------------
SHARED_APPS = ["django_tenants", "django_celery_beat", "apps.workspaces"]
TENANT_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "apps.core.admin_site.WorkspaceAdminConfig",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django.forms",
    "simple_history",
    "guardian",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_countries",
    "django_filters",
    "django_htmx",
    "csp",
    "channels",
    "axes",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "allauth.idp.oidc",
    "apps.core",
    "apps.jobs",
    "apps.users",
    "apps.events",
    "apps.records",
    "apps.messaging",
    "apps.contacts",
]
INSTALLED_APPS = SHARED_APPS + [app for app in TENANT_APPS if app not in SHARED_APPS]
TENANT_MODEL = "workspaces.Workspace"
TENANT_DOMAIN_MODEL = "workspaces.Domain"
TENANT_LIMIT_SET_CALLS = True
TENANT_BASE_SCHEMA = "template"
PUBLIC_SCHEMA_NAME = "public"
SHOW_PUBLIC_IF_NO_TENANT_FOUND = False

# --- requests -------------------------------------------------------------------------------------------
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.core.middleware.RequestIdMiddleware",
    "csp.middleware.CSPMiddleware",
    "apps.workspaces.middleware.WorkspaceMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apps.users.middleware.PreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apps.core.faults.FaultPageMiddleware",
    "apps.users.middleware.ApiLogMiddleware",
    "apps.core.api.throttling.RateLimitMiddleware",
    "apps.core.middleware.ProblemMiddleware",
    "apps.users.middleware.SignInRequiredMiddleware",
    "apps.users.middleware.StaffOnlyMiddleware",
    "apps.users.middleware.PasswordExpiryMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "crm_project.urls"
ASGI_APPLICATION = "crm_project.asgi.application"
WSGI_APPLICATION = "crm_project.wsgi.application"
APPEND_SLASH = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
FILE_UPLOAD_PERMISSIONS = 0o600
IMPORT_MAX_BYTES = env.number("IMPORT_MAX_MEGABYTES", 200) * 1024 * 1024

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Django's own admin pages go before those of django-tenants, whose inline styles our CSP refuses.
        "DIRS": [BASE_DIR / "templates", Path(admin.__file__).parent / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["apps.core.tidy_templates.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.template.context_processors.tz",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.core.context.shell",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "apps.core.templatetags.ui",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- data -----------------------------------------------------------------------------------------------
DATABASES = {
    "default": {
        "ENGINE": "django_tenants.postgresql_backend",
        **database_from_url(env.text("DATABASE_URL", local.get("DATABASE_URL"))),
        "ATOMIC_REQUESTS": False,
        "CONN_MAX_AGE": 0,
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 12, "timeout": 20}}
        if env.flag("DATABASE_POOL", default=False)
        else {},
    }
}
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.text("REDIS_URL", local.get("REDIS_URL"))
REDIS_PREFIX = env.text("REDIS_PREFIX", "")  # tests and installations that share a server
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_FUNCTION": "django_tenants.cache.make_key",
        "REVERSE_KEY_FUNCTION": "django_tenants.cache.reverse_key",
        "KEY_PREFIX": f"{REDIS_PREFIX}cache",
    }
}
MEDIA_ROOT = Path(env.text("FILES_DIR", local.get("FILES_DIR", str(BASE_DIR / "var" / "files"))))
SIMPLE_HISTORY_ENABLED = False  # our triggers write history; simple-history reads it
SIMPLE_HISTORY_DATE_INDEX = False

# --- people ---------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "apps.users.backends.RecordPermissionBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
GUARDIAN_RAISE_403 = True
GUARDIAN_MONKEY_PATCH_USER = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "apps.users.passwords.LengthValidator"},
    {"NAME": "apps.users.passwords.ComplexityValidator"},
    {"NAME": "apps.users.passwords.ReuseValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "apps.users.adapters.AccountAdapter"
ACCOUNT_FORMS = {"login": "apps.users.signing_in.SignInForm"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_PRESERVE_USERNAME_CASING = False
USERSESSIONS_TRACK_ACTIVITY = False  # SignInRequiredMiddleware does it once a minute, not per request
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = "apps.users.security.failure_limit"
AXES_COOLOFF_TIME = "apps.users.security.cooloff"
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "apps.users.security.locked_out"
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "apps.users.security.login_name"
AXES_ENABLE_ACCESS_FAILURE_LOG = True
AXES_ACCESS_FAILURE_LOG_PER_USER_LIMIT = 1_000_000
AXES_ENABLE_ADMIN = False  # our own read-only admin shows the attempts
AXES_CLIENT_IP_CALLABLE = "apps.users.security.address_of"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

# --- hardening ------------------------------------------------------------------------------------------
SECURE = not DEVELOPMENT
SESSION_COOKIE_SECURE = SECURE
CSRF_COOKIE_SECURE = SECURE
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=SECURE)
SECURE_HSTS_SECONDS = 63_072_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
BEHIND_PROXY = env.flag("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# So many proxies of ours add to X-Forwarded-For; what stands before them anybody may have written.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXIES", 1 if BEHIND_PROXY else 0)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "frame-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
    }
}

# --- jobs and live pages --------------------------------------------------------------------------------
TASKS_APPLICATION = "crm_project.celery.app"
CELERY_BROKER_URL = celery_broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600, "global_keyprefix": f"{REDIS_PREFIX}celery:"}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A commit waits for this when the broker is away: shortly, because the sweep makes up for what was not sent.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.1}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SYNC_EVERY = 1  # doctor reads from the schedule whether beat is alive
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "apps.workspaces.tasks.sweep", "schedule": schedule(30)},
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            # redis-py 8 would drop a socket that was idle for 5 seconds.
            "hosts": [{"address": REDIS_URL, "socket_timeout": None}],
            "prefix": f"{REDIS_PREFIX}live",
            # Messages waiting for one web process, all its sockets together; more are dropped.
            "capacity": 5_000,
        },
    }
}

# --- mail -----------------------------------------------------------------------------------------------
EMAIL_BACKEND = env.text(
    "EMAIL_BACKEND",
    "apps.messaging.backends.OutboxBackend" if DEVELOPMENT else "django.core.mail.backends.smtp.EmailBackend",
)
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=SECURE)
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "NexaConnect <no-reply@localhost>")

# --- API ------------------------------------------------------------------------------------------------
API_PERMISSIONS = ["apps.core.api.permissions.IsStaffUser", "apps.core.api.permissions.WithinScope"]
API_LIMITS = {  # calls in a minute; 0 is no limit
    "caller": env.number("API_CALLS_PER_MINUTE", 1_200),
    "stranger": env.number("API_STRANGER_CALLS_PER_MINUTE", 60),
}
API_CALL_LOG_DAYS = env.number("API_CALL_LOG_DAYS", 90)
IDP_OIDC_ADAPTER = "apps.users.identity.IdentityAdapter"
IDP_OIDC_ACCESS_TOKEN_FORMAT = "jwt"  # noqa: S105 (a format)
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = 3_600
IDP_OIDC_REFRESH_TOKEN_EXPIRES_IN = 30 * 24 * 3_600
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.users.api.CredentialAuthentication",
        "apps.core.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": API_PERMISSIONS,
    "DEFAULT_THROTTLE_CLASSES": ["apps.core.api.throttling.CallerThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.core.api.parsers.StrictJSONParser"],
    "URL_FORMAT_OVERRIDE": None,  # "format" may be the name of a field
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "apps.core.api.problems.problem_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "NexaConnect",
    "DESCRIPTION": "The REST API of NexaConnect. docs/api.md is the guide.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_PERMISSIONS": API_PERMISSIONS,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": False,
    "POSTPROCESSING_HOOKS": [],  # the usual one renames choices; ours stand where they belong
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
}

# --- language, time, files ------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("es", _("Spanish")),
    ("ar", _("Arabic")),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.text("STATIC_ROOT", "") or (None if DEVELOPMENT else str(BASE_DIR / "var" / "static"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEVELOPMENT
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEVELOPMENT
WHITENOISE_AUTOREFRESH = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
