"""The settings of the process: from the environment and from `.env`, all mistakes reported at once."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    create_model,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from domain.api_key import digest
from domain.config.defaults import PlatformDefaults, platform_defaults
from domain.config.settings_table import AVAILABLE_MODELS, DEFAULT_MODEL, SETTINGS, Setting
from domain.platform import INTERNAL_PLATFORM, PUBLIC_PLATFORM, PlatformType
from graphql_api.setting_values import (
    admin_keys,
    check_admin_keys,
    check_database_url,
    check_origins,
    check_proxies,
    read_list,
)
from schema.documents.exploration import Exploration
from schema.documents.limits import DocumentLimits

if TYPE_CHECKING:
    from collections.abc import Mapping

List = Annotated[tuple[str, ...], NoDecode, BeforeValidator(read_list)]


class SettingsError(Exception):
    """Settings that cannot be used; the message lists every mistake with its variable."""


class Settings(BaseSettings):
    """Everything that is configured. The platform types' defaults are fields too, made from the domain's table."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        env_ignore_empty=True,
        frozen=True,
        hide_input_in_errors=True,
    )

    database_url: Annotated[SecretStr | None, AfterValidator(check_database_url)] = None
    database_pool_size: Annotated[int, Field(ge=1, le=1000)] = 10
    database_pooler: Literal["none", "pgbouncer"] = "none"
    embedded_postgres_directory: Path = Path(".data/postgres")

    super_admin_api_keys: Annotated[SecretStr, AfterValidator(check_admin_keys)] = SecretStr("")
    telegram_service_key: SecretStr | None = None
    internal_api_key: SecretStr | None = None

    telegram_admin_users: List = ()
    internal_admin_users: List = ()
    session_timeout_minutes: Annotated[int, Field(ge=1, le=525_600)] = 30

    http_maximum_body_bytes: Annotated[int, Field(ge=1000, le=1_000_000_000)] = 2_000_000
    http_maximum_response_bytes: Annotated[int, Field(ge=100_000, le=1_000_000_000)] = 20_000_000
    http_maximum_header_bytes: Annotated[int, Field(ge=1000, le=10_000_000)] = 32_768
    http_maximum_requests: Annotated[int, Field(ge=1, le=100_000)] = 256
    http_maximum_connections: Annotated[int, Field(ge=1, le=1_000_000)] = 900
    http_request_seconds: Annotated[float, Field(gt=0, le=3600)] = 10.0
    http_receive_seconds: Annotated[float, Field(gt=0, le=3600)] = 5.0
    http_send_seconds: Annotated[float, Field(gt=0, le=3600)] = 30.0
    wrong_keys_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] = 30
    forwarded_allow_ips: Annotated[List, AfterValidator(check_proxies)] = ("127.0.0.1", "::1")

    graphql_maximum_characters: Annotated[int, Field(ge=1_000, le=10_000_000)] = DocumentLimits.characters
    graphql_maximum_tokens: Annotated[int, Field(ge=100, le=100_000)] = DocumentLimits.tokens
    graphql_maximum_operations: Annotated[int, Field(ge=1, le=1_000)] = DocumentLimits.operations
    graphql_maximum_root_fields: Annotated[int, Field(ge=1, le=1_000)] = DocumentLimits.root_fields
    graphql_maximum_depth: Annotated[int, Field(ge=1, le=50)] = DocumentLimits.depth
    graphql_maximum_aliases: Annotated[int, Field(ge=0, le=10_000)] = DocumentLimits.aliases
    graphql_maximum_directives: Annotated[int, Field(ge=0, le=10_000)] = DocumentLimits.directives
    graphql_maximum_input_depth: Annotated[int, Field(ge=1, le=50)] = DocumentLimits.input_depth
    graphql_maximum_cost: Annotated[int, Field(ge=1, le=10_000_000)] = DocumentLimits.cost
    graphql_exploration: Exploration = Exploration.EVERYONE
    graphql_executor: Literal["compiled", "library"] = "compiled"

    shutdown_delay_seconds: Annotated[float, Field(ge=0, le=60)] = 1
    cors_allowed_origins: Annotated[List, AfterValidator(check_origins)] = ()
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["auto", "json", "console"] = "auto"

    @field_validator("log_level", mode="before")
    @classmethod
    def _in_capitals(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value

    @field_validator("telegram_service_key", "internal_api_key")
    @classmethod
    def _of_one_caller(cls, key: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if key is not None:
            taken = {admin.key_digest for admin in admin_keys(info.data.get("super_admin_api_keys", SecretStr("")))}
            if (bot := info.data.get("telegram_service_key")) is not None:
                taken.add(digest(bot.get_secret_value().strip()))
            if digest(key.get_secret_value().strip()) in taken:
                raise ValueError("it is the key of another caller too; each caller needs a key of its own")
        return key

    def defaults(self) -> Mapping[PlatformType, PlatformDefaults]:
        """Give the defaults of each platform type, as configured."""
        return {
            platform_type: platform_defaults(platform_type, self._configured(platform_type))
            for platform_type in PlatformType
        }

    def admin_users(self) -> Mapping[str, frozenset[str]]:
        """Give the administrators of platforms by the platform's name in lower case."""
        return {
            PUBLIC_PLATFORM: frozenset(self.telegram_admin_users),
            INTERNAL_PLATFORM: frozenset(self.internal_admin_users),
        }

    def document_limits(self) -> DocumentLimits:
        """Give the limits of documents."""
        return DocumentLimits(
            **{
                limit.name: getattr(self, f"graphql_maximum_{limit.name}")
                for limit in dataclasses.fields(DocumentLimits)
            }
        )

    def session_timeout(self) -> timedelta:
        """Give the time after which an idle session is not active."""
        return timedelta(minutes=self.session_timeout_minutes)

    def _configured(self, platform_type: PlatformType) -> dict[Setting[Any], Any]:
        return {
            setting: getattr(self, default.variable.lower())
            for setting in SETTINGS
            if (default := setting.defaults[platform_type]).variable is not None
        }


def load_settings(*, for_serving: bool = False) -> Settings:
    """Read the settings. Serving a database asks for more than working on it: somebody has to be able to administer it.

    Raises:
        SettingsError: with every mistake, each with its variable; secrets are not repeated.
    """
    try:
        return cast("Settings", (SettingsForServing if for_serving else SettingsWithDefaults)())
    except ValidationError as error:
        mistakes = [
            f"  {'.'.join(str(part) for part in mistake['loc'][:1]).upper()}: {_sentence(mistake['msg'])}"
            for mistake in error.errors(include_input=False, include_url=False)
        ]
        raise SettingsError("These settings cannot be used (environment or .env):\n" + "\n".join(mistakes)) from None


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ").rstrip(".") + "."


def _default_fields() -> dict[str, Any]:
    """Make a field of each default that can be configured.

    The available models come before the default model, whose check looks at them.
    """
    fields: dict[str, Any] = {}
    for setting in sorted(SETTINGS, key=lambda setting: setting is DEFAULT_MODEL):
        for default in setting.defaults.values():
            if default.variable is not None:
                value_type: Any = List if isinstance(default.value, tuple) else type(default.value)
                fields[default.variable.lower()] = (
                    Annotated[value_type, AfterValidator(_within_bounds(setting))],
                    default.value,
                )
    return fields


def _within_bounds(setting: Setting[Any]) -> Any:
    def check(value: Any) -> Any:
        cleaned = setting.type.clean(value)
        if problems := setting.type.problems(cleaned, (), "it"):
            raise ValueError(" ".join(problem.message for problem in problems))
        return cleaned

    return check


def _default_model_is_available(model: str, info: ValidationInfo) -> str:
    for default, models in zip(DEFAULT_MODEL.defaults.values(), AVAILABLE_MODELS.defaults.values(), strict=True):
        if default.variable is not None and models.variable is not None and default.variable.lower() == info.field_name:
            available = info.data.get(models.variable.lower())
            if available is not None and model not in available:
                raise ValueError(f'the default model "{model}" is not one of {models.variable}')
    return model


# A subclass, so that what is the same in every release can be written as fields and is checked as such.
SettingsWithDefaults = create_model(
    "SettingsWithDefaults",
    __base__=Settings,
    __validators__={
        "default_model_is_available": field_validator(
            *(default.variable.lower() for default in DEFAULT_MODEL.defaults.values() if default.variable is not None)
        )(_default_model_is_available)
    },
    **_default_fields(),
)


def _admin_where_database_is_shared(value: SecretStr, info: ValidationInfo) -> SecretStr:
    if info.data.get("database_url") is not None and not admin_keys(value):
        raise ValueError(
            "it has to hold one key or more, each optionally name:key, where DATABASE_URL is set: "
            "nobody could administer that database otherwise"
        )
    return value


SettingsForServing = create_model(
    "SettingsForServing",
    __base__=SettingsWithDefaults,
    __validators__={
        "admin_where_database_is_shared": field_validator("super_admin_api_keys")(_admin_where_database_is_shared)
    },
)
