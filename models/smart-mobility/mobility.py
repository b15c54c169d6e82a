#!/usr/bin/python3 -I
"""A small stand-in for each component of the smart mobility application: real requests between real processes, invented figures.

Which component it is, where it listens and whom it uses comes from the environment that the deployment sets.
"""

import json
import os
import secrets
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import URLError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen

COMPONENT = os.environ.get("COMPONENT", "tsm-engine")
WAYS = {"walk": 0.0, "bicycle": 0.0, "bus": 0.09, "tram": 0.07, "car": 0.55}
"""kWh a person and kilometre: figures of this demonstration, no measurement."""
MOST_KEPT = 10_000
LONGEST_BODY = 64_000

profiles: dict[str, Any] = {}
tokens: dict[str, str] = {}

Asked = dict[str, str]
Answer = tuple[int, Any]


def ask(component: str, path: str, **asked: str) -> Any:
    """Return what another component answers."""
    name = component.upper().replace("-", "_")
    host, port = os.environ.get(f"{name}_HOST", "127.0.0.1"), os.environ.get(f"{name}_PORT", "8080")
    with urlopen(f"http://{host}:{port}{path}?{urlencode(asked)}", timeout=5) as answer:
        return json.load(answer)


def routes(asked: Asked) -> Answer:
    """Ways from one place to another; how far is made up from the places' names."""
    start, end = asked.get("from", "Keskustori"), asked.get("to", "Hervanta")
    km = 1 + sum(map(ord, start + end)) % 120 / 10
    return 200, [{"from": start, "to": end, "way": way, "km": km} for way in WAYS if way != "walk" or km < 4]


def estimate(asked: Asked) -> Answer:
    """Energy that a way of travel takes."""
    way = asked.get("way", "")
    try:
        km = float(asked.get("km", "0"))
    except ValueError:
        return 400, {"error": "km is a number"}
    return (200, {"way": way, "kwh": round(WAYS[way] * km, 2)}) if way in WAYS else (404, {"error": "no such way"})


def journeys(asked: Asked) -> Answer:
    """Routes of the planner with the estimator's energy, the thriftiest first."""
    found = ask("journey-planner", "/routes", **{key: asked[key] for key in ("from", "to") if key in asked})
    rated = [{**each, **ask("consumption-estimator", "/estimates", way=each["way"], km=str(each["km"]))} for each in found]
    return 200, sorted(rated, key=lambda each: (each["kwh"], each["way"]))


def profile(asked: Asked) -> Answer:
    """What is kept of a citizen, who is asked for by a token's subject."""
    citizen = asked.get("citizen", "")
    return (200, profiles[citizen]) if citizen in profiles else (404, {"error": "nothing kept"})


def keep(asked: Asked, body: Any) -> Answer:
    """Keep what a citizen prefers."""
    citizen = asked.get("citizen", "")
    if not citizen or (len(profiles) >= MOST_KEPT and citizen not in profiles):
        return 400, {"error": "not kept"}
    profiles[citizen] = body
    return 200, body


def sign_in(asked: Asked, body: Any) -> Answer:
    """Give a token; this stand-in believes everybody, a real identity manager believes nobody."""
    if len(tokens) >= MOST_KEPT:
        tokens.pop(next(iter(tokens)))
    token = secrets.token_urlsafe(24)
    tokens[token] = str((body or {}).get("citizen", asked.get("citizen", "")))[:100]
    return 200, {"token": token}


def subject(asked: Asked) -> Answer:
    """Tell whose a token is."""
    citizen = tokens.get(asked.get("token", ""))
    return (200, {"citizen": citizen}) if citizen is not None else (401, {"error": "unknown token"})


def pass_on(asked: Asked) -> Answer:
    """Ask the engine for the mobile application."""
    return 200, ask("tsm-engine", "/journeys", **{key: asked[key] for key in ("from", "to") if key in asked})


READS: dict[str, dict[str, Callable[[Asked], Answer]]] = {
    "tsm-engine": {"/journeys": journeys},
    "mobile-gateway": {"/journeys": pass_on},
    "journey-planner": {"/routes": routes},
    "consumption-estimator": {"/estimates": estimate},
    "citizens-data": {"/profiles": profile},
    "identity-manager": {"/tokens": subject},
}
WRITES: dict[str, dict[str, Callable[[Asked, Any], Answer]]] = {
    "citizens-data": {"/profiles": keep},
    "identity-manager": {"/tokens": sign_in},
}


class Mobility(BaseHTTPRequestHandler):
    """JSON over HTTP; `/` tells that the component is there."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        answers = READS.get(COMPONENT, {}).get(path)
        if path == "/":
            self.say(200, {"component": COMPONENT, "paths": sorted(READS.get(COMPONENT, {}))})
        elif answers:
            self.answer(lambda: answers(self.asked()))
        else:
            self.say(404, {"error": "no such path"})

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        answers = WRITES.get(COMPONENT, {}).get(urlsplit(self.path).path)
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > LONGEST_BODY:
            self.close_connection = True
            self.say(413, {"error": "too long"})
            return
        body = self.rfile.read(int(length))
        if not answers:
            self.say(404, {"error": "no such path"})
            return
        try:
            said = json.loads(body or b"{}")
        except ValueError:
            said = None
        if isinstance(said, dict):
            self.answer(lambda: answers(self.asked(), said))
        else:
            self.say(400, {"error": "a JSON object is expected"})

    def asked(self) -> Asked:
        return {key: values[0] for key, values in parse_qs(urlsplit(self.path).query, max_num_fields=20).items()}

    def answer(self, found: Callable[[], Answer]) -> None:
        try:
            self.say(*found())
        except (URLError, OSError, ValueError) as error:
            self.say(502, {"error": f"a used component does not answer: {type(error).__name__}"})

    def say(self, status: int, body: Any) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Journeys are personal: nothing about requests is written down."""


class Server(ThreadingHTTPServer):
    """Starts again at once after a stop, and bounds how long a silent client holds a thread."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        connection.settimeout(30)
        return connection, address


def main() -> None:
    """Listen wherever the environment says."""
    places = [each.rpartition(":") for each in os.environ.get("LISTEN", "127.0.0.1:8080").split(",") if each]
    threads = [threading.Thread(target=Server((host, int(port)), Mobility).serve_forever) for host, _, port in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
