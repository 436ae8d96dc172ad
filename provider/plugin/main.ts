#!/usr/bin/env node
// `pulumi-resource-snowflake-secrets`: started by the engine.
import { enableCompileCache } from "../core/compile-cache.js";

// Before the rest is loaded.
enableCompileCache();
void import("./serve.js").then(({ serve }) => serve());
