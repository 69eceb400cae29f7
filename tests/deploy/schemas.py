"""Kubernetes' own schemas, strict: a member that they do not know is a fault."""
import functools
import json
import pathlib

import jsonschema
import referencing
from referencing.jsonschema import DRAFT7

import tools

# That of the chart's kubeVersion, and the newest that there are schemas of.
OLDEST, NEWEST = "1.27.0", "1.37.0"


@functools.cache
def definitions(kubernetes):
    """What the schemas of a version refer to."""
    contents = json.loads(tools.packaged(f"kubernetes_validate/*/v{kubernetes}-local-strict/_definitions.json").read_text())
    resource = referencing.Resource(contents=contents, specification=DRAFT7)
    names = ("_definitions.json", "/api/_definitions.json", "https://kubernetes.io/api/_definitions.json")
    return referencing.Registry().with_resources((name, resource) for name in names)


@functools.cache
def validator(kind, api_version, kubernetes):
    if kind == "ServiceMonitor":
        schema = json.loads((pathlib.Path(__file__).parent / "servicemonitor.schema.json").read_text())
        return jsonschema.Draft7Validator(schema)
    group = api_version.replace(".k8s.io", "").replace("/", "-")
    path = tools.packaged(f"kubernetes_validate/*/v{kubernetes}-local-strict/{kind.lower()}-{group}.json")
    return jsonschema.Draft7Validator(json.loads(path.read_text()), registry=definitions(kubernetes))


def faults(one, kubernetes):
    """What is wrong with an object for a version of Kubernetes."""
    judge = validator(one["kind"], one["apiVersion"], kubernetes)
    return [f"{error.json_path}: {error.message}" for error in judge.iter_errors(one)]
