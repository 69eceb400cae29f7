"""The Dockerfile, as far as it can be judged without building it."""
import json
import pathlib
import re
import shutil
import tempfile
import tomllib

import yaml

import tools
from stand import DeployTest

DOCKERFILE = tools.DEPLOY / "container/Dockerfile"


def instructions(text):
    """Name and rest of each instruction; lines that go on are joined."""
    joined = re.sub(r"\\\n\s*", "", "\n".join(line for line in text.splitlines() if not line.startswith("#")))
    return [tuple(line.split(None, 1)) for line in joined.splitlines() if line]


class Image(DeployTest):
    def setUp(self):
        self.instructions = instructions(DOCKERFILE.read_text())

    def all(self, name):
        return [rest for one, rest in self.instructions if one == name]

    def copied(self):
        """Of each stage's COPY from the repository: what, and where to."""
        return [(rest.split()[:-1], rest.split()[-1]) for rest in self.all("COPY") if not rest.startswith("--from")]

    def test_hadolint_has_nothing_to_say(self):
        hadolint = tools.FILES / "bin/hadolint"
        done = tools.run(hadolint, "--no-color", DOCKERFILE)
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        with tempfile.TemporaryDirectory() as folder:
            wrong = pathlib.Path(folder, "Dockerfile")
            wrong.write_text(DOCKERFILE.read_text().replace(":nonroot", "").replace("USER 65532:65532", "USER root"))
            said = tools.run(hadolint, "--no-color", wrong).stdout
            self.assertIn("DL3006", said)
            self.assertIn("DL3002", said)

    def test_the_toolchain_is_that_of_the_manifest(self):
        version = tomllib.loads((tools.ROOT / "Cargo.toml").read_text())["package"]["rust-version"]
        self.assertEqual(self.all("FROM")[0].split()[0], f"rust:{version}-slim-bookworm")

    def test_both_stages_are_of_one_debian(self):
        """The program links the C library of where it was built."""
        self.assertIn("bookworm", self.all("FROM")[0])
        self.assertIn("debian12", self.all("FROM")[-1])

    def test_what_is_copied_is_there_and_is_let_through(self):
        ignore = [line for line in (DOCKERFILE.parent / "Dockerfile.dockerignore").read_text().splitlines() if line and line[0] != "#"]
        self.assertEqual(ignore[0], "*")
        copied = {source for sources, _ in self.copied() for source in sources}
        for source in copied:
            self.assertTrue((tools.ROOT / source).exists(), source)
        self.assertEqual({line.removeprefix("!") for line in ignore[1:]}, copied)

    def test_the_sources_are_whole(self):
        """With nothing but what is copied Cargo finds its targets, and every file that is built in is there."""
        with tempfile.TemporaryDirectory() as folder:
            built = self.instructions[:max(at for at, (name, _) in enumerate(self.instructions) if name == "FROM")]
            for source in [source for name, rest in built if name == "COPY" for source in rest.split()[:-1]]:
                here, there = tools.ROOT / source, pathlib.Path(folder, source)
                shutil.copytree(here, there) if here.is_dir() else shutil.copy(here, there)
            done = tools.run("cargo", "metadata", "--locked", "--offline", "--no-deps", "--format-version", "1", cwd=folder)
            self.assertEqual(done.returncode, 0, done.stderr)
            found = 0
            for source in pathlib.Path(folder, "src").rglob("*.rs"):
                for name in re.findall(r'include_(?:str|bytes)!\(\s*"([^"]+)"', source.read_text()):
                    self.assertTrue((source.parent / name).exists(), f"{source}: {name}")
                    found += 1
            self.assertGreater(found, 10)

    def test_it_is_started_as_the_pods_have_it(self):
        (entrypoint,), (command,) = map(json.loads, self.all("ENTRYPOINT")), map(json.loads, self.all("CMD"))
        self.assertEqual(entrypoint, ["/usr/local/bin/meeting-gateway"])
        self.assertIn(f"--from=build /out/meeting-gateway {entrypoint[0]}", self.all("COPY"))
        done = tools.run(self.binary, *command, "--help")
        self.assertEqual(done.returncode, 0, done.stderr)
        spec = tools.chart("base")["Deployment", "meeting-gateway"]["spec"]["template"]["spec"]
        (container,) = spec["containers"]
        self.assertEqual(container["args"], command)
        context = spec["securityContext"]
        self.assertEqual(self.all("USER"), [f"{context['runAsUser']}:{context['runAsGroup']}"])
        self.assertEqual(self.all("EXPOSE"), [" ".join(str(port["containerPort"]) for port in container["ports"])])
        config = yaml.safe_load((tools.DEPLOY / "kubernetes/base/gateway.yaml").read_text())
        self.assertIn((["policies"], config["policy"]["directory"]), self.copied())

    def test_the_last_stage_has_the_libraries_of_the_program(self):
        """Those of the C compiler's runtime are what distroless/cc is made of."""
        self.assertIn("/distroless/cc-", self.all("FROM")[-1])
        needed = set(re.findall(r"^\s*([a-z0-9_-]+)\.so", tools.run("ldd", self.binary).stdout, re.M))
        self.assertLessEqual(needed, {"linux-vdso", "libc", "libm", "libgcc_s", "libpthread", "libdl", "librt"})

    def test_it_is_small(self):
        """Nothing of the build is in the last stage but the program."""
        last = self.instructions[max(at for at, (name, _) in enumerate(self.instructions) if name == "FROM"):]
        self.assertNotIn("RUN", {name for name, _ in last})
        self.assertEqual([rest for name, rest in last if name == "COPY" and rest.startswith("--from")],
                         ["--from=build /out/meeting-gateway /usr/local/bin/meeting-gateway"])
