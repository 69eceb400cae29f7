"""Processes that end with the test, and files laid out as Kubernetes lays them out."""
import functools
import json
import os
import pathlib
import re
import shutil
import signal
import ssl
import subprocess
import sys

import yaml

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))

import processes
import tools
from processes import PATIENCE_SECONDS, port_of, until

# The App ID that the simulator knows, of config/demo.yaml.
APP_ID, APP_KEY = "fdb8e4699586458bbd10c834872dcc62", "0123456789abcdef0123456789abcdef"
SECRET = "not-a-secret-but-as-long-as-one-has-to-be"


def ask(url, headers=None, certificate=None):
    """Status and body, of errors, too."""
    trusted = ssl.create_default_context(cafile=certificate) if certificate else None
    status, _, body = processes.ask(url, headers=headers, context=trusted)
    return status, body


class Part:
    """A process whose output goes to a file; ended by leaving the `with`."""

    def __init__(self, folder, name, arguments, env=None):
        self.said = pathlib.Path(folder, f"{name}.out")
        with self.said.open("wb") as out:
            self.process = subprocess.Popen([str(argument) for argument in arguments], stdout=out, stderr=subprocess.STDOUT, cwd=folder,
                                            stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)

    def listens(self, host):
        """The port that it listens on at an address of the loopback network."""
        if self.process.poll() is not None:
            raise processes.Ended(self.said.read_text())
        return port_of(self.process, host)

    def url(self, host, scheme="http"):
        return f"{scheme}://{host}:{until(f'it listens on {host}', lambda: self.listens(host))}"


def simulator(folder, binary):
    return Part(folder, "simulator", [binary, "simulate", "--listen", "127.0.0.1:0"])


class Volume:
    """A ConfigMap or Secret as the kubelet mounts it: links to a directory that is swapped as a whole."""

    def __init__(self, folder, files):
        self.folder, self.generation = pathlib.Path(folder), 0
        self.folder.mkdir(parents=True)
        self.put(files)

    def put(self, files):
        self.generation += 1
        content, data = self.folder / f"..2026_11_30.{self.generation}", self.folder / "..data"
        content.mkdir()
        for name, text in files.items():
            (content / name).write_text(text)
            if not (self.folder / name).is_symlink():
                (self.folder / name).symlink_to(f"..data/{name}")
        old = data.resolve() if data.is_symlink() else None
        swapped = self.folder / "..data_tmp"
        swapped.symlink_to(content.name)
        swapped.rename(data)
        if old:
            shutil.rmtree(old)


class Machine:
    """The file system of a pod, in a folder: the image's packs, and what the objects mount."""

    def __init__(self, folder, binary, objects):
        self.root, self.binary, self.volumes = pathlib.Path(folder), binary, {}
        self.sign_in = "sign_in" in yaml.safe_load(objects["ConfigMap", "meeting-gateway"]["data"]["gateway.yaml"])
        shutil.copytree(tools.ROOT / "policies", self.at("/usr/share/meeting-gateway/policies"))
        spec = objects["Deployment", "meeting-gateway"]["spec"]["template"]["spec"]
        (container,) = spec["containers"]
        sources = {volume["name"]: volume for volume in spec["volumes"]}
        for mount in container["volumeMounts"]:
            source = sources[mount["name"]]
            if "secret" in source:
                files = self.secret(source["secret"]["secretName"])
            else:
                known = objects.get(("ConfigMap", source["configMap"]["name"]))
                files = known["data"] if known else {"pack.yaml": (tools.DEPLOY / "kubernetes/overlays/production/pack.yaml").read_text()}
            self.volumes[mount["mountPath"]] = Volume(self.at(mount["mountPath"]), files)

    def at(self, path):
        return self.root / path.lstrip("/")

    def secret(self, name):
        """What the README says is in it."""
        if name.endswith("-upstream"):
            return {"app-id": APP_ID, "app-key": APP_KEY}
        if name.endswith("-callers"):
            self.key, _ = self.new_caller("events", self.root / "callers.yaml")
            if self.sign_in:
                self.new_caller("sdk", self.root / "callers.yaml", "--app-id")
            return self.callers()
        if name.endswith("-tls"):
            return {"tls.crt": self.certificate.read_text(), "tls.key": self.root.joinpath("tls.key").read_text()}
        if name.endswith("-store"):
            return {"password": SECRET, "encryption-key": SECRET, "ca.crt": self.certificate.read_text()}
        assert name.endswith("-keys"), name
        return {"token-key": SECRET}

    def callers(self):
        """The Secret of callers as the README makes it: flat, with the keys of App IDs beside the file."""
        (command,) = re.findall(r"^sed '(s,.*,)' callers.yaml \|", (tools.DEPLOY / "README.md").read_text(), re.M)
        done = tools.run("sed", command, self.root / "callers.yaml")
        assert done.returncode == 0, done.stderr
        return {"callers.yaml": done.stdout, **{file.name: file.read_text() for file in self.root.glob("secrets/*.key")}}

    @functools.cached_property
    def certificate(self):
        certificate = self.root / "tls.crt"
        done = tools.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                         "-subj", "/CN=gateway", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.root / "tls.key",
                         "-out", certificate)
        assert done.returncode == 0, done.stderr
        return certificate

    def new_caller(self, name, file, *options):
        done = tools.run(self.binary, "caller", "add", "--file", file, "--id", name, "--upstream-user", "fixed:alice@ent01", "--quiet", *options)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()[0], file.read_text()

    def here(self, text):
        """A configuration with the paths of this folder."""
        for path in ("/run/secrets", "/usr/share/meeting-gateway", "/etc/meeting-gateway"):
            text = text.replace(path, str(self.at(path)))
        return text


def version(admin):
    return json.loads(ask(f"{admin}/version")[1])
