"""The network between a gateway and its store, which can be cut."""
import selectors
import socket
import threading
import time


class Link:
    """Passes bytes on to a port. While it is cut it says nothing and takes nothing, in either direction, as a network that loses
    every packet: connections neither come about nor end. Afterwards what was under way arrives, late."""

    made = []

    def __init__(self, target):
        Link.made.append(self)
        self.target, self.peer, self.ready, self.ended = target, {}, threading.Event(), threading.Event()
        self.marks = []
        self.ready.set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def cut(self):
        self.ready.clear()

    def mend(self):
        self.ready.set()

    def delay(self, text, number, seconds):
        """From now on, the answer to the request of this number that has a text in it comes late, and what comes after it, too."""
        self.marks = [(text, number, seconds)]

    def run(self):
        while not self.ended.is_set():
            self.ready.wait()
            for key, _ in self.selector.select(0.05):
                # What came in while it was being cut waits, too.
                if self.ready.is_set():
                    self.pass_on(key.fileobj)

    def pass_on(self, source):
        try:
            if source is self.listener:
                inward, _ = source.accept()
                outward = socket.create_connection(("127.0.0.1", self.target), 5)
                self.peer |= {inward: outward, outward: inward}
                for one in (inward, outward):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self.selector.register(one, selectors.EVENT_READ)
            elif source in self.peer:
                data = source.recv(65536)
                if not data:
                    raise ConnectionError
                self.peer[source].sendall(data)
                self.linger(data)
        except OSError:
            self.forget(source)

    def linger(self, data):
        for text, number, seconds in self.marks:
            left = number - (text in data)
            self.marks = [(text, left, seconds)] if left else []
            if not left:
                time.sleep(seconds)

    def forget(self, source):
        for one in {source, self.peer.get(source)} - {None, self.listener}:
            self.peer.pop(one, None)
            if one.fileno() >= 0:
                self.selector.unregister(one)
                one.close()

    def close(self):
        self.ended.set()
        self.ready.set()
        self.thread.join()
        for one in list(self.peer):
            one.close()
        self.listener.close()
        self.selector.close()

    @classmethod
    def close_all(cls):
        while cls.made:
            cls.made.pop().close()
