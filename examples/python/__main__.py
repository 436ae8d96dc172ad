import pulumi
from pulumi_snowflake_secrets import (
    DestinationConfigArgs,
    DotenvSourceArgs,
    EnvironmentSourceArgs,
    InitialSyncBehavior,
    SnowflakeSecretSync,
    SyncOptionsArgs,
)

# README.md sets this config. The connection is read from config (snowflake-secrets:account, ...), SNOWFLAKE_* variables
# or connections.toml.
config = pulumi.Config()
admin_password = config.require_secret("adminPassword")

app = SnowflakeSecretSync(
    "app",
    # If two sources have the same key, the later one wins; `secrets` wins over all sources.
    sources=[
        DotenvSourceArgs(type="dotenv", path="defaults.env"),
        # SHOP_CACHE_URL=... in the environment of `pulumi up` is the secret CACHE_URL. It may be unset.
        EnvironmentSourceArgs(type="environment", prefix="SHOP_", allow_empty=True),
    ],
    # Pulumi treats the whole map as a secret.
    secrets={
        "API_KEY": config.require_secret("apiKey"),
        # Only its first value is written: see ignore_changes below.
        "ADMIN_PASSWORD": admin_password,
        "DATABASE_URL": pulumi.Output.concat("postgres://app:", admin_password, "@db.example.com/app"),
        "FEATURE_FLAGS": "beta,dark-mode",
    },
    destination_config=DestinationConfigArgs(
        database=config.require("database"),
        schema=config.require("schema"),
    ),
    sync_options=SyncOptionsArgs(
        # Drops secrets with a matching name that no source has. Other names are never changed.
        initial_sync_behavior=InitialSyncBehavior.OVERWRITE_DESTINATION,
        # API_KEY is called dev_APP_API_KEY in the stack dev.
        key_schema="{{environment}}_APP_{{secretKey}}",
    ),
    # This secret is changed in Snowflake. A changed value in the config is ignored.
    opts=pulumi.ResourceOptions(ignore_changes=['secrets["ADMIN_PASSWORD"]']),
)

pulumi.export("appStatus", app.sync_status)
pulumi.export("appSecrets", app.managed_secrets)
