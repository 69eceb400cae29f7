"""Whether the tests left out an operation: those of the registry against those that the audit log says were carried out."""
import json

from huaweicloudsdkmeeting.v1 import MeetingClient
from programs import HERE

REGISTRY = HERE / "../../config/contract/operations.json"
# Operations without a method in the SDK, and how they are exercised all the same.
WITHOUT_METHOD = {"create_app_id_token": "the SDK's credentials sign in by themselves, before the first call"}


def missing(stand):
    """What is wrong with the coverage, a sentence each. Stops the gateway, so that its log is complete."""
    with open(REGISTRY, encoding="utf-8") as file:
        ours = [one["name"] for one in json.load(file) if one["family"] != "relayed"]
    stand.gateway.stop()
    lines = stand.gateway.audit_lines()
    return list(judge(ours, {line.get("operation") for line in lines if line["status"] == 200}))


def judge(ours, done):
    for name in ours:
        if name not in done:
            yield f"no test had the SDK carry out `{name}`"
        if name in WITHOUT_METHOD and hasattr(MeetingClient, name):
            yield f"the SDK has a method `{name}` now: take it out of WITHOUT_METHOD"
        if name not in WITHOUT_METHOD and not hasattr(MeetingClient, name):
            yield f"the SDK has no method `{name}`: say in WITHOUT_METHOD how it is exercised"
    for name in WITHOUT_METHOD.keys() - set(ours):
        yield f"WITHOUT_METHOD has `{name}`, which the registry does not"
