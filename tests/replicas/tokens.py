"""What replicas share beside quotas: the upstream's tokens, and the nonces of sign-ins."""
import base64
import threading
import time

import signing
from gateways import CALLERS, ENCRYPTION_KEY, MEETINGS, USERS, section
from parts import ask
from stand import ReplicaTest, Stand
from table import row


class Tokens(ReplicaTest):
    @classmethod
    def setUpClass(cls):
        # Slow enough for all replicas to be waiting for it.
        slow = {"fault": "latency", "milliseconds": 500, "times": 3, "on": "sign-in"}
        cls.stand = Stand(fault=slow, linked=True)

    def all_ask(self):
        """Four requests to each replica at the same time, of two users; all are answered."""
        statuses, barrier = [], threading.Barrier(12)

        def one(gateway, caller):
            barrier.wait()
            statuses.append(gateway.read(caller)[0])

        threads = [threading.Thread(target=one, args=(gateway, caller))
                   for gateway in self.stand.gateways for caller in CALLERS[:2] for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(statuses, [200] * 12)

    def sign_ins(self):
        return self.stand.simulator.sign_ins()

    def upstream_tokens(self):
        """Each token that the upstream was shown."""
        return {token for seen in self.stand.simulator.seen() for token in seen["headers"].get("x-access-token", [])}

    def token_of(self, gateway, caller):
        """The token that a request of a caller goes upstream with."""
        self.stand.simulator.control("DELETE", "seen")
        self.assertEqual(gateway.read(caller)[0], 200)
        (token,) = self.upstream_tokens()
        return token

    def test_1_one_sign_in_for_three_replicas(self):
        self.all_ask()
        row("3 replicas, 2 users, started at once: sign-ins upstream", str(self.sign_ins()), "2: one for each user")
        self.assertEqual(self.sign_ins(), 2)
        self.assertEqual(len(self.upstream_tokens()), 2)
        self.stand.simulator.control("DELETE", "faults")

    def test_2_no_token_can_be_read_in_the_store(self):
        held = self.stand.redis.everything()
        tokens = self.upstream_tokens()
        self.assertTrue(held and tokens)
        self.assertTrue(any(len(value) >= max(map(len, tokens)) for value in held.values()), "there is no room for a token in any value")
        for token in tokens:
            plain = token.encode()
            for form in (plain, plain[:16], plain[-16:], base64.b64encode(plain)[:20], plain.hex().encode()[:32]):
                self.assertEqual([key for key, value in held.items() if form in value or form in key], [])
        # Nor who the users are, nor what encrypts.
        for text in (*USERS, ENCRYPTION_KEY):
            self.assertEqual([key for key, value in held.items() if text.encode() in key + value], [], text)
        with self.stand.redis.client() as client:
            endless = [key for key in held if client("PTTL", key) == -1]
        row("keys in the store; that show a token; that never end", f"{len(held)}; 0; {len(endless)}", "0; at most 2")
        self.assertLessEqual(len(endless), 2, endless)

    def test_3_a_replica_that_is_started_again_does_not_sign_in(self):
        before, gateway = self.sign_ins(), self.stand.gateways[1]
        gateway.stop()
        gateway.start().wait_ready()
        self.all_ask()
        row("a replica started again: sign-ins upstream", str(self.sign_ins() - before), "0")
        self.assertEqual(self.sign_ins(), before)

    def test_4_a_token_that_ended_is_renewed_once(self):
        before = self.sign_ins()
        self.stand.simulator.control("POST", "kick")
        self.all_ask()
        row("both tokens ended upstream, 12 requests at once: sign-ins upstream", str(self.sign_ins() - before), "2: one for each user")
        self.assertEqual(self.sign_ins() - before, 2)

    def test_5_a_token_that_was_put_in_the_place_of_another_is_not_used(self):
        """Who can write into the store cannot let one user act as another, nor stop anybody."""
        gateway, callers = self.stand.gateways[2], CALLERS[:2]
        known = [self.token_of(self.stand.gateways[0], caller) for caller in callers]
        self.assertEqual(len(set(known)), 2)
        with self.stand.redis.client() as client:
            keys = [key for key in client("KEYS", "*") if client("TYPE", key) == b"string" and client("STRLEN", key) > len(known[0])]
            self.assertEqual(len(keys), 2, keys)
            values = [client("GET", key) for key in keys]
            for key, value in zip(keys, reversed(values)):
                client("SET", key, value, "KEEPTTL")
        gateway.stop()
        gateway.start().wait_shared()
        used = [self.token_of(gateway, caller) for caller in callers]
        self.assertNotEqual(used[0], known[1])
        self.assertNotEqual(used[1], known[0])
        with self.stand.redis.client() as client:
            for key in keys:
                client("SET", key, b"\0" * 100, "KEEPTTL")
        gateway.stop()
        gateway.start().wait_shared()
        self.all_ask()

    def test_6_who_has_another_encryption_key_signs_in_for_itself(self):
        before = self.sign_ins()
        store = section(self.stand.redis.url, encryption_key="another-key-of-the-tests-which-is-none")
        other = self.stand.gateway("other-key", store).wait_shared()
        for caller in CALLERS[:2] * 3:
            self.assertEqual(other.read(caller)[0], 200)
        self.assertEqual(self.sign_ins() - before, 2)
        for _ in range(3):
            self.all_ask()
        self.assertLessEqual(self.sign_ins() - before, 4, "they sign in against one another")
        other.stop()

    def test_7_a_sign_in_counts_once_among_all_replicas(self):
        first, second, third = self.stand.gateways
        sent = signing.attempt()
        status, answer = signing.sign_in(first, sent)
        self.assertEqual(status, 200, answer)
        for gateway in (second, third, first):
            status, refusal = signing.sign_in(gateway, sent)
            self.assertEqual((status, refusal.get("error_code")), (401, "MGW.4010007"), gateway.name)
        # The token is good at each of them, and so is another sign-in.
        for gateway in self.stand.gateways:
            status, _, _ = ask(f"{gateway.url}{MEETINGS}conferences?offset=0&limit=1", headers={"x-access-token": answer["accessToken"]})
            self.assertEqual(status, 200)
        self.assertEqual(signing.sign_in(second, signing.attempt())[0], 200)
        row("a sign-in replayed at the other replicas", "refused", "401")

    def test_8_of_a_sign_in_sent_to_all_at_once_one_is_good(self):
        for _ in range(10):
            sent, statuses, barrier = signing.attempt(), [], threading.Barrier(3)

            def one(gateway):
                barrier.wait()
                statuses.append(signing.sign_in(gateway, sent)[0])

            threads = [threading.Thread(target=one, args=(gateway,)) for gateway in self.stand.gateways]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(sorted(statuses), [200, 401, 401])

    def test_9_an_answer_of_the_store_that_comes_late_holds_up_nobody(self):
        """Whichever it is of those by which replicas agree who signs in: the others do not wait for one that has given up."""
        first, *others = self.stand.gateways
        for caller in CALLERS[2:5]:
            for gateway in self.stand.gateways:
                self.assertEqual(gateway.read(caller)[0], 200)
        self.stand.simulator.control("POST", "kick")
        slowest = 0
        for number, caller in enumerate(CALLERS[2:5], 1):
            self.stand.links[0].delay(b":token:", number, 0.5)
            for gateway in (first, *others):
                began = time.monotonic()
                self.assertEqual(gateway.read(caller)[0], 200)
                slowest = max(slowest, time.monotonic() - began)
        row("one answer of the store 0.5 s late while a token is renewed: slowest request at any replica", f"{slowest:.1f} s", "< 5 s")
        self.assertLess(slowest, 5)
