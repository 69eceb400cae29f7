"""Real stores: one server, a master with its replica and a Sentinel, a cluster of three."""
import pathlib
import signal

from parts import Part, Ports, until
from resp import Resp, RespError

MASTER = "gateways"


class Redis(Part):
    """A server that keeps everything in memory: killed and started again, it has lost everything."""

    def __init__(self, folder, name, program, *more):
        self.port, home = Ports.free(), pathlib.Path(folder, name)
        home.mkdir()
        super().__init__(home, name, [program, "--bind", "127.0.0.1", "--port", self.port, "--save", "", "--appendonly", "no",
                                      "--rdbcompression", "no", "--repl-diskless-sync-delay", "0", "--enable-debug-command", "yes",
                                      *more])
        self.start()

    def start(self):
        super().start()
        until(f"{self.name} answers", lambda: self.still_runs() and self.ask("PING"))
        return self

    def client(self, timeout=10):
        return Resp(self.port, timeout)

    def ask(self, *words):
        """One command on a connection of its own."""
        with self.client() as client:
            return client(*words)

    def info(self, section):
        return dict(line.split(":", 1) for line in self.ask("INFO", section).decode().splitlines() if ":" in line)

    def calls(self):
        """How often each command was called, those of scripts included."""
        return {name.removeprefix("cmdstat_"): int(value.split("calls=")[1].split(",")[0])
                for name, value in self.info("commandstats").items()}

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def everything(self):
        """Each key with what it holds, as it is and as it would be written to disk."""
        with self.client() as client:
            read = {b"string": ["GET"], b"hash": ["HGETALL"], b"list": ["LRANGE", "0", "-1"], b"set": ["SMEMBERS"],
                    b"zset": ["ZRANGE", "0", "-1", "WITHSCORES"], b"stream": ["XRANGE", "-", "+"]}
            found = {}
            for key in client("KEYS", "*"):
                kind = client("TYPE", key)
                if kind in read:
                    command, *rest = read[kind]
                    found[key] = repr(client(command, key, *rest)).encode() + (client("DUMP", key) or b"")
            return found


class Watched:
    """A master, its replica, and one Sentinel that is enough to decide."""

    def __init__(self, folder, program):
        self.master = Redis(folder, "master", program)
        self.replica = Redis(folder, "replica", program, "--replicaof", "127.0.0.1", self.master.port)
        until("the replica follows", lambda: self.replica.info("replication")["master_link_status"] == "up")
        self.port = Ports.free()
        home = pathlib.Path(folder, "sentinel")
        home.mkdir()
        (home / "sentinel.conf").write_text(
            f"port {self.port}\nbind 127.0.0.1\nsentinel monitor {MASTER} 127.0.0.1 {self.master.port} 1\n"
            f"sentinel down-after-milliseconds {MASTER} 500\nsentinel failover-timeout {MASTER} 2000\n")
        self.sentinel = Part(home, "sentinel", [program, home / "sentinel.conf", "--sentinel"]).start()
        until("the Sentinel knows the replica", lambda: self.sentinel.still_runs() and self.asked("REPLICAS", MASTER))

    def asked(self, *words):
        with Resp(self.port) as client:
            return client("SENTINEL", *words)

    def address(self):
        """The port of the master, by the Sentinel's judgement."""
        return int(self.asked("GET-MASTER-ADDR-BY-NAME", MASTER)[1])

    def section(self):
        return {"urls": f'["redis://127.0.0.1:{self.port}"]', "topology": "sentinel", "sentinel_master": MASTER, "allow_plain_tcp": "true"}

    def kill_master(self):
        self.master.end(signal.SIGKILL)


class Cluster:
    """Three masters, each with a third of the slots."""

    SLOTS = 16384

    def __init__(self, folder, program):
        self.nodes = [Redis(folder, f"node-{n}", program, "--cluster-enabled", "yes", "--cluster-port", Ports.free(),
                            "--cluster-node-timeout", "1000", "--cluster-require-full-coverage", "no") for n in range(3)]
        for n, node in enumerate(self.nodes):
            node.ask("CLUSTER", "ADDSLOTSRANGE", self.SLOTS * n // 3, self.SLOTS * (n + 1) // 3 - 1)
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", n + 1)
        for node in self.nodes[1:]:
            bus = int(node.arguments[node.arguments.index("--cluster-port") + 1])
            self.nodes[0].ask("CLUSTER", "MEET", "127.0.0.1", node.port, bus)
        until("the cluster is one", self.is_whole)

    def is_whole(self):
        says = [node.ask("CLUSTER", "INFO") for node in self.nodes]
        return all(b"cluster_state:ok" in one and b"cluster_slots_ok:16384" in one and b"cluster_known_nodes:3" in one for one in says)

    def section(self):
        return {"urls": "[" + ", ".join(f'"{node.url}"' for node in self.nodes[:2]) + "]", "topology": "cluster", "allow_plain_tcp": "true"}

    def keys(self):
        """Each key, and the node that has it."""
        return {key: node for node in self.nodes for key in node.ask("KEYS", "*")}

    def move(self, key, target):
        """Moves the slot of a key, with all that is in it, to another node, while it is in use."""
        source, slot = self.keys()[key], target.ask("CLUSTER", "KEYSLOT", key)
        ids = {node: node.ask("CLUSTER", "MYID") for node in self.nodes}
        target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[source])
        source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[target])
        while moving := source.ask("CLUSTER", "GETKEYSINSLOT", slot, 100):
            try:
                source.ask("MIGRATE", "127.0.0.1", target.port, "", 0, 1000, "KEYS", *moving)
            except RespError as error:
                # Made anew at its new place already: then that counts.
                if "BUSYKEY" not in str(error):
                    raise
                source.ask("MIGRATE", "127.0.0.1", target.port, "", 0, 1000, "REPLACE", "KEYS", *moving)
        for node in (target, source, *self.nodes):
            node.ask("CLUSTER", "SETSLOT", slot, "NODE", ids[target])
        return slot
