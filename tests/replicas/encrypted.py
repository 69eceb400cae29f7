"""A store that is spoken to over TLS, as a user with a password who may touch nothing but the gateways' own keys."""
import pathlib
import re
import subprocess

from gateways import CALLERS, quota, section
from parts import Ports, until
from stand import ReplicaTest, Stand
from stores import Redis
from table import row

ROOT = pathlib.Path(__file__).resolve().parents[2]
PASSWORD = "a-password-of-the-tests-which-is-no-secret"
PREFIX = "meetings-of-the-tests"


def certified(name, *more):
    """A certificate, NAME.pem, and its key, NAME.key."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", f"/CN={name.name} of the tests", "-keyout", f"{name}.key", "-out", f"{name}.pem", *more],
                   check=True, capture_output=True)


def documented_user():
    """The command that config/README.md gives, for the prefix and password of the test."""
    line = re.search(r"ACL SETUSER gateway .*", (ROOT / "config/README.md").read_text()).group()
    return line.replace("PASSWORD", PASSWORD).replace("meeting-gateway:*", f"{PREFIX}:*").split()


class Encrypted(ReplicaTest):
    def test_tls_and_a_user_of_its_own(self):
        folder, port = self.folder_of("tls"), Ports.free()
        certified(folder / "authority", "-addext", "basicConstraints=critical,CA:TRUE")
        certified(folder / "store", "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "subjectAltName=IP:127.0.0.1",
                  "-CA", folder / "authority.pem", "-CAkey", folder / "authority.key")
        redis = Redis(folder, "store", self.redis, "--tls-port", port, "--tls-cert-file", folder / "store.pem", "--tls-key-file",
                      folder / "store.key", "--tls-ca-cert-file", folder / "authority.pem", "--tls-auth-clients", "no")
        redis.ask(*documented_user())
        kept = {"urls": f'["rediss://127.0.0.1:{port}"]', "username": "gateway", "password": PASSWORD, "key_prefix": PREFIX,
                "ca_file": folder / "authority.pem"}
        stand = Stand([quota(requests=1000)], kept=kept)
        for gateway in stand.gateways:
            self.assertEqual(gateway.read()[0], 200)
            self.assertFalse(gateway.is_local())
            self.assertEqual((gateway.degraded(), gateway.store_up()), ("", 1))
        self.assertGreater(redis.calls().get("evalsha", 0), 0)
        keys = redis.ask("KEYS", "*")
        self.assertTrue(keys and all(key.startswith(PREFIX.encode() + b":") for key in keys), keys)
        row("over TLS as the documented user, with its own keys only", f"counted together, {len(keys)} keys",
            "all with the prefix")

        # What does not fit is told of, and requests go on.
        wrong = {"password": {**kept, "password": "another-password"},
                 "certificate": {name: value for name, value in kept.items() if name != "ca_file"},
                 "plain": {**kept, "urls": f'["redis://127.0.0.1:{port}"]'},
                 "not TLS": {**kept, "urls": f'["rediss://127.0.0.1:{redis.port}"]'}}
        gateways = {what: stand.gateway(f"wrong-{number}", section(**changed)) for number, (what, changed) in enumerate(wrong.items())}
        for what, gateway in gateways.items():
            gateway.wait_ready()
            status, headers, _ = gateway.read(CALLERS[1])
            self.assertEqual((status, headers["ratelimit-policy"]), (200, '"caller";q=333;w=1;local'), what)
            reason = until(f"{what}: the gateway says it is degraded", gateway.degraded)
            self.assertEqual(gateway.store_up(), 0, what)
            row(f"  wrong: {what}", reason, "ready, degraded, 200")
        # It need not be started again when that has changed.
        redis.ask("ACL", "SETUSER", "gateway", ">another-password")
        gateways["password"].wait_shared()
        self.assertFalse(gateways["password"].is_local())
        for gateway in [*stand.gateways, *gateways.values()]:
            self.assertNotIn(PASSWORD, gateway.told())
