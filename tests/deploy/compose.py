"""The compose file, as far as it can be judged without running it."""
import json
import re
import tempfile
import tomllib

import jsonschema
import yaml

import tools
from parts import SECRET, Volume
from stand import DeployTest

FOLDER = tools.DEPLOY / "compose"


class Compose(DeployTest):
    def setUp(self):
        self.text = (FOLDER / "compose.yaml").read_text()
        self.compose = yaml.safe_load(self.text)
        self.services = self.compose["services"]

    def test_it_fits_the_schema_of_compose(self):
        schema = json.loads(tools.packaged("check_jsonschema/builtin_schemas/vendor/compose-spec.json").read_text())
        judge = jsonschema.validators.validator_for(schema)(schema)
        self.assertEqual([f"{error.json_path}: {error.message}" for error in judge.iter_errors(self.compose)], [])
        self.services["gateway"]["read_onyl"] = True
        self.assertFalse(judge.is_valid(self.compose))

    def test_every_service_is_held_back(self):
        for name, service in self.services.items():
            with self.subTest(name):
                held = {key: service.get(key) for key in ("read_only", "cap_drop", "security_opt")}
                self.assertEqual(held, {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]})

    def test_images_are_named_by_version(self):
        version = tomllib.loads((tools.ROOT / "Cargo.toml").read_text())["package"]["version"]
        for name, service in self.services.items():
            self.assertRegex(service["image"], r"^[a-z/-]+:v?\d+\.\d+", name)
        self.assertEqual(self.services["gateway"]["image"], f"meeting-gateway:{version}")
        build = self.services["gateway"]["build"]
        self.assertTrue((FOLDER / build["context"] / build["dockerfile"]).is_file())

    def test_only_callers_and_prometheus_are_reached_from_this_machine(self):
        published = {name: service["ports"] for name, service in self.services.items() if "ports" in service}
        self.assertEqual(published, {"gateway": ["127.0.0.1:8080:8080"], "prometheus": ["127.0.0.1:9091:9090"]})
        self.assertIs(self.compose["networks"]["inside"]["internal"], True)
        self.assertEqual({name for name, service in self.services.items() if "outside" in service["networks"]}, set(published))

    def test_what_is_mounted_is_there(self):
        for name, service in self.services.items():
            for mount in service.get("volumes", []):
                source, _, mode = mount.partition(":")
                if source.startswith("."):
                    self.assertTrue((FOLDER / source).exists(), f"{name}: {source}")
                    self.assertTrue(mode.endswith(":ro"), mount)
                else:
                    self.assertIn(source, self.compose["volumes"])

    def test_the_gateways_configuration_passes_check(self):
        config = yaml.safe_load((FOLDER / "gateway/gateway.yaml").read_text())
        image = config["policy"]["directory"]
        self.assertEqual(image, yaml.safe_load((tools.DEPLOY / "kubernetes/base/gateway.yaml").read_text())["policy"]["directory"])
        config["policy"]["directory"] = str(tools.ROOT / "policies")
        given = self.services["gateway"]["environment"]
        self.assertEqual(set(re.findall(r"\$\{env\.([A-Z_]+)", yaml.safe_dump(config))), set(given))
        defaults = {name: (re.search(r":-([^}]*)", value) or [None, SECRET])[1] for name, value in given.items()}
        with tempfile.TemporaryDirectory() as folder:
            Volume(f"{folder}/etc", {"gateway.yaml": yaml.safe_dump(config)})
            done = tools.run(self.binary, "check", "--config", f"{folder}/etc/gateway.yaml", env=defaults)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_services_find_each_other(self):
        config = yaml.safe_load((FOLDER / "gateway/gateway.yaml").read_text())
        named = [*config["store"]["urls"], config["telemetry"]["otlp"]["endpoint"],
                 re.search(r":-([^}]*)", self.services["gateway"]["environment"]["UPSTREAM_URL"])[1]]
        self.assertEqual({url.split("//")[1].split(":")[0] for url in named}, {"store", "collector", "simulator"})
        (scrape,) = yaml.safe_load((tools.DEPLOY / "prometheus/prometheus.yaml").read_text())["scrape_configs"]
        (target,) = scrape["static_configs"][0]["targets"]
        host, port = target.split(":")
        self.assertIn(host, self.services["gateway"]["networks"]["inside"]["aliases"])
        self.assertTrue(config["admin"]["address"].endswith(f":{port}"))

    def test_commands_are_the_programs(self):
        done = tools.run(self.binary, *self.services["simulator"]["command"], "--help")
        self.assertEqual(done.returncode, 0, done.stderr)
        config = yaml.safe_load((FOLDER / "gateway/gateway.yaml").read_text())
        drain = sum(int(config["server"][key].removesuffix("s")) for key in ("drain_delay", "drain_timeout"))
        self.assertGreaterEqual(int(self.services["gateway"]["stop_grace_period"].removesuffix("s")), drain + 10)

    def test_the_collector_uses_what_it_defines(self):
        collector = yaml.safe_load((FOLDER / "collector.yaml").read_text())
        for kind in ("receivers", "processors", "exporters"):
            used = {name for pipeline in collector["service"]["pipelines"].values() for name in pipeline[kind]}
            self.assertEqual(used, set(collector[kind]), kind)

    def test_secrets_are_not_committed(self):
        self.assertIn("/deploy/compose/.env", (tools.ROOT / ".gitignore").read_text().splitlines())
        for name in ("TOKEN_KEY", "STORE_PASSWORD", "STORE_ENCRYPTION_KEY"):
            self.assertTrue(self.services["gateway"]["environment"][name].startswith(f"${{{name}:?"), name)
