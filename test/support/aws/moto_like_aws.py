"""Starts moto with AWSCURRENT as AWS keeps it.

moto remembers the current version beside the labels and moves only one of the two: once UpdateSecretVersionStage has
moved AWSCURRENT, readers without a label still get the former version, and a later PutSecretValue leaves the label on
two versions. In AWS a label is at one version, and the other labels of a version stay where they are:
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
"""

import os
import sys
import threading

from moto.secretsmanager.models import FakeSecret
from moto.server import main


def find_current(secret):
    held = (version_id for version_id, version in secret.versions.items() if "AWSCURRENT" in version["version_stages"])
    return next(held, None)


def put_current(secret, version, version_id):
    former = find_current(secret)
    taken = {"AWSPREVIOUS", *version["version_stages"]}
    for each in secret.versions.values():
        each["version_stages"] = [stage for stage in each["version_stages"] if stage not in taken]
    if former is not None:
        secret.versions[former]["version_stages"].append("AWSPREVIOUS")
    secret.versions[version_id] = version


# What moto would remember is what the labels say.
FakeSecret.default_version_id = property(find_current, lambda secret, version_id: None)
FakeSecret.reset_default_version = put_current

def end_with_parent():
    sys.stdin.read()
    os._exit(0)


# Also where the parent is killed, and can end nothing.
threading.Thread(target=end_with_parent, daemon=True).start()
main(sys.argv[1:])
