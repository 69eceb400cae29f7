"""Signing in at the gateway, as the documentation of the API has it."""
import base64
import hashlib
import hmac
import json
import secrets
import time

from gateways import APP_ID, APP_KEY
from parts import ask


def attempt(user="alice@ent01"):
    """Headers and body of a sign-in that nobody has sent yet."""
    nonce, expires = secrets.token_hex(16), int(time.time()) + 300
    signed = hmac.new(APP_KEY.encode(), f"{APP_ID}:{user}:{expires}:{nonce}".encode(), hashlib.sha256).hexdigest()
    headers = {"authorization": f"HMAC-SHA256 signature={signed},access={base64.b64encode(APP_ID.encode()).decode()}",
               "x-token-type": "LongTicket", "content-type": "application/json"}
    body = {"appId": APP_ID, "clientType": 72, "expireTime": expires, "nonce": nonce, "userId": user}
    return headers, json.dumps(body).encode()


def sign_in(gateway, sent):
    """Status and answer of a sign-in at a gateway."""
    headers, body = sent
    status, _, answer = ask(f"{gateway.url}/v2/usg/acs/auth/appauth", "POST", headers, body)
    return status, json.loads(answer)
