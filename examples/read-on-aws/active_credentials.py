"""The credentials of the active export destination, also after a rotation. Needs boto3."""
import json

import boto3
from botocore.exceptions import ClientError


class ActiveCredentials:
    """Give it the output `claimName`: exports/org_<organizationId>/active/<type>."""

    def __init__(self, claim_name, client=None):
        self._claim_name = claim_name
        self._client = client or boto3.client("secretsmanager")
        self._version = self._credentials = None

    def read(self):
        """The credentials that are active now. It is the same object until they change."""
        for is_last in (False, False, True):
            claim, version = self._get(SecretId=self._claim_name, VersionStage="HOLDER")
            if version == self._version:
                return self._credentials
            active = claim["active"]
            if active is None or active["status"] != "connected":
                raise LookupError(f"no export destination is connected under {self._claim_name}")
            try:
                self._credentials, _ = self._get(SecretId=active["secretArn"])
            except ClientError:  # A rotation deleted this secret after the claim was read.
                if is_last:
                    raise
                continue
            self._version = version
            return self._credentials

    def use(self, work):
        """What work(credentials) returns. If it fails and others are active by then, it runs again with those."""
        credentials = self.read()
        try:
            return work(credentials)
        except Exception:
            if self.read() is credentials:
                raise
            return work(self._credentials)

    def _get(self, **which):
        answer = self._client.get_secret_value(**which)
        return json.loads(answer["SecretString"]), answer["VersionId"]
