/** What Snowflake's connection files and `@pulumi/snowflake`'s config may hold and this package does not use. */
export interface OtherKeys {
  /** Those that decide where or as whom a log-in goes: refused where they stand beside what is used, with what to do. */
  readonly refused: Readonly<Record<string, string>>;
  /** Those that change neither: they have no meaning here. */
  readonly ignored: readonly string[];
}

const secondFactor =
  "a passcode is good for one log-in, so it is never kept: give it as environment variable SNOWFLAKE_PASSCODE.";
const ofASession = "give a credential to log in with; a session of another tool is not taken over.";

/** Keys of a section of `connections.toml`, as the Python connector, the CLI and the drivers know them. */
export const otherProfileKeys: OtherKeys = {
  refused: {
    dsn: "give account, user and credential as keys of their own.",
    passcode: secondFactor,
    passcode_in_password: secondFactor,
    session_token: ofASession,
    master_token: ofASession,
    session_id: ofASession,
    external_session_id: ofASession,
    secondary_roles: "set DEFAULT_SECONDARY_ROLES of the user instead.",
  },
  ignored: words(`
    application allow_certificates_without_crl_url arrow_number_to_decimal autocommit backoff_policy
    cert_revocation_check_mode check_arrow_conversion_error_on_every_column client_fetch_threads client_fetch_use_mp
    client_prefetch_threads client_session_keep_alive
    client_session_keep_alive_heartbeat_frequency connection_diag_allowlist_path
    connection_diag_log_path connection_diag_whitelist_path consent_cache_id_token converter_class
    crl_cache_cleanup_interval_hours crl_cache_dir crl_cache_removal_delay_days crl_cache_start_cleanup
    crl_cache_validity_hours crl_connection_timeout_ms crl_download_max_size crl_read_timeout_ms database dbname
    debug_arrow_chunk diag_allowlist_path diag_log_path disable_console_login disable_ocsp_checks
    disable_query_context_cache disable_request_pooling disable_saml_url_check enable_connection_diag enable_crl_cache
    enable_crl_file_cache enable_diag enable_retry_reason_in_query_response
    enable_stage_s3_privatelink_for_us_east_1 external_browser_timeout insecure_mode interpolate_empty_sequences
    iobound_tpe_limit json_result_force_utf8_decoding log_imported_packages_in_telemetry log_max_query_length
    login_timeout network_timeout numpy
    oauth_credentials_in_body oauth_disable_pkce oauth_enable_refresh_tokens
    oauth_enable_single_use_refresh_tokens oauth_socket_uri
    ocsp_fail_open ocsp_response_cache_filename ocsp_root_certs_dict_lock_timeout paramstyle
    platform_detection_timeout_seconds probe_connection reuse_results
    schema schemaname server_session_keep_alive service_name session_parameters socket_timeout
    support_negative_year timezone unsafe_file_write unsafe_skip_file_permissions_check use_openssl_only
    validate_default_parameters workload_identity_host`),
};

/** Keys under `snowflake:` that `@pulumi/snowflake` reads, in its versions 1 and 2. */
export const otherConfigKeys: OtherKeys = {
  refused: {
    browserAuth: "set authenticator instead.",
    oauthAccessToken: 'set token, and authenticator to "OAUTH".',
    oauthRefreshToken: 'set token to an access token, and authenticator to "OAUTH".',
    passcode: secondFactor,
    passcodeInPassword: secondFactor,
    tokenAccessor: 'set token to an access token, and authenticator to "OAUTH".',
  },
  ignored: words(`
    certRevocationCheckMode clientIp clientTimeout
    crlAllowCertificatesWithoutCrlUrl crlHttpClientTimeout crlInMemoryCacheDisabled crlOnDiskCacheDisabled
    disableConsoleLogin disableOcspChecks disableQueryContextCache disableSamlUrlCheck disableTelemetry driverTracing
    enableSingleUseRefreshTokens experimentalFeaturesEnabled externalBrowserTimeout includeRetryReason insecureMode
    jwtClientTimeout jwtExpireTimeout keepSessionAlive logQueryParameters logQueryText loginTimeout maxRetryCount
    oauthEndpoint oauthRedirectUrl
    ocspFailOpen params previewFeaturesEnabled requestTimeout sessionParams skipTomlFilePermissionVerification tmpDirectoryPath
    useLegacyTomlFile validateDefaultParameters`),
};

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
