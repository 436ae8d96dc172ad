#!/bin/sh
# Runs the policy pack in the folder POLICY_PACK, as Pulumi's host for Node does. The engine starts this program by
# `--policy-pack`, and gives it an address.
cd "$POLICY_PACK" && exec node "$(node -p 'require.resolve("@pulumi/pulumi/cmd/run-policy-pack")')" "$1" .
