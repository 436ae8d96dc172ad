#!/usr/bin/env node
import { enableCompileCache } from "../../provider/core/compile-cache.js";

// Before the rest is loaded.
enableCompileCache();
void import("./command-line.js").then(({ runProcess }) => runProcess());
