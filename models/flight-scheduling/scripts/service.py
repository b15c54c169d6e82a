#!/usr/bin/env python3
"""The nine services of the flight scheduling application; COMPONENT says which of them this process is.

Small but real: each listens on ADDRESS and PORT, finds the others by FLEET_HOST, FLEET_PORT and the like, keeps its data below
STATE_DIRECTORY, lets nobody in without a token of the identity service, and writes one line a request for the audit.
"""

import hashlib
import hmac
import json
import os
import re
import secrets
import sqlite3
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import defaultdict, deque
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

STATE = Path(os.environ.get("STATE_DIRECTORY") or ".").resolve()
LARGEST, OLDEST = 65_536, 3_600
ID = r"([A-Za-z0-9-]{1,40})"
PLANNER, CREW, SERVICE, ADMIN = "planner", "crew-planner", "service", "admin"
AIRPORTS = {"MAD": (23, 6), "FRA": (23, 5), "CDG": (0, 5), "VIE": (24, 0), "OSL": (24, 0)}
"""Hours at which each closes and opens; 24: it never closes."""


class Refused(Exception):
    """A request that is not served, with its HTTP status."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status, self.reason = status, reason


def ask(name, method, path, token="", body=None):
    """Ask another service; its refusal becomes ours."""
    variable = name.upper().replace("-", "_")
    place = f"http://{os.environ.get(variable + '_HOST', '127.0.0.1')}:{os.environ.get(variable + '_PORT', '0')}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(place + path, data, {"Authorization": f"Bearer {token}"}, method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise Refused(error.code if error.code < 500 else 502, f"{name} says {error.code}") from error
    except (OSError, ValueError) as error:
        raise Refused(502, f"{name} cannot be asked") from error


class Service:
    """One service: `routes` are (method, path, roles that may, what answers); no roles: everybody."""

    def __init__(self):
        self.routes = [("GET", "/health", None, lambda _: {"ok": True})]

    def route(self, method, path, roles, answer):
        """Serve a path; the groups of its pattern are arguments after the request."""
        self.routes.append((method, path, roles, answer))

    def user(self, token):
        """Return (name, roles) of a token, as the identity service knows them."""
        if not token:
            raise Refused(401, "no token")
        found = ask("identity", "GET", f"/tokens/{hashlib.sha256(token.encode()).hexdigest()}")
        return found["user"], set(found["roles"])


class Gateway(Service):
    """What a planner's browser talks to: a page, the login, and the way to the schedules."""

    PAGE = """<!doctype html><meta charset="utf-8"><title>Flight scheduling</title>
<h1>Flight scheduling</h1><p>POST /login {user, password}, then POST /schedules and GET /schedules/{id} with the token.</p>"""

    def __init__(self):
        super().__init__()
        self.route("GET", "/", None, lambda _: self.PAGE)
        self.route("POST", "/login", None, lambda request: ask("identity", "POST", "/tokens", body=request.json()))
        self.route("POST", "/schedules", {PLANNER}, lambda r: ask("schedules", "POST", "/schedules", r.token, r.json()))
        self.route("GET", f"/schedules/{ID}", {PLANNER}, lambda r, key: ask("schedules", "GET", f"/schedules/{key}", r.token))


class Identity(Service):
    """Accounts and tokens; passwords are kept as salted hashes, tokens as hashes, and tokens end after an hour."""

    TRIES, WAIT = 5, 60

    def __init__(self):
        super().__init__()
        self.tokens, self.failures, self.lock = {}, defaultdict(deque), threading.Lock()
        self.accounts = self._load()
        self.route("POST", "/tokens", None, self.login)
        self.route("GET", "/tokens/([0-9a-f]{64})", None, self.known)
        self.route("PUT", f"/accounts/{ID}", {ADMIN}, self.make)

    def user(self, token):
        found = self.known(None, hashlib.sha256(token.encode()).hexdigest())
        return found["user"], set(found["roles"])

    def _load(self):
        """Return the accounts; at the first start make one planner and leave the password where only we can read it."""
        place = STATE / "accounts.json"
        if not place.exists():
            password, salt = secrets.token_urlsafe(18), secrets.token_hex(16)
            first = STATE / "first-password"
            first.touch(mode=0o600)
            first.write_text(password)
            place.touch(mode=0o600)
            roles = [PLANNER, CREW, ADMIN]
            place.write_text(json.dumps({"planner": {"salt": salt, "hash": self._hash(password, salt), "roles": roles}}))
        return json.loads(place.read_text())

    def make(self, request, name):
        """Make an account, or give one another password and other roles."""
        said, salt = request.json("password", "roles"), secrets.token_hex(16)
        if not isinstance(said["roles"], list) or not set(said["roles"]) <= {PLANNER, CREW, SERVICE, ADMIN}:
            raise Refused(400, "no such role")
        if not isinstance(said["password"], str) or not 12 <= len(said["password"]) <= 200:
            raise Refused(400, "a password has between 12 and 200 letters")
        with self.lock:
            self.accounts[name] = {"salt": salt, "hash": self._hash(said["password"], salt), "roles": said["roles"]}
            (STATE / "accounts.json").write_text(json.dumps(self.accounts))
            self.tokens = {key: each for key, each in self.tokens.items() if each[0] != name}
        return {"user": name, "roles": said["roles"]}

    @staticmethod
    def _hash(password, salt):
        return hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), n=2**14, r=8, p=1).hex()

    def login(self, request):
        said = request.json("user", "password")
        name, now = str(said["user"])[:40], time.time()
        with self.lock:
            failures = self.failures[name]
            while failures and failures[0] < now - self.WAIT:
                failures.popleft()
            if len(failures) >= self.TRIES:
                raise Refused(429, "too many tries")
            failures.append(now)
        account = self.accounts.get(name) or {"salt": "00", "hash": "", "roles": []}
        if not hmac.compare_digest(self._hash(str(said["password"])[:200], account["salt"]), account["hash"]):
            raise Refused(401, "wrong user or password")
        token = secrets.token_urlsafe(32)
        with self.lock:
            self.failures.pop(name, None)
            self.tokens = {key: each for key, each in self.tokens.items() if each[2] > now}
            self.tokens[hashlib.sha256(token.encode()).hexdigest()] = (name, account["roles"], now + OLDEST)
        return {"token": token, "seconds": OLDEST}

    def known(self, _request, digest):
        name, roles, until = self.tokens.get(digest, ("", [], 0))
        if until < time.time():
            raise Refused(401, "token unknown or expired")
        return {"user": name, "roles": roles}


class Airports(Service):
    """Where flights may go, and when nothing may land."""

    def __init__(self):
        super().__init__()
        self.route("GET", "/airports/([A-Z]{3})", {PLANNER}, self.one)

    def one(self, _request, code):
        if code not in AIRPORTS:
            raise Refused(404, "no such airport")
        closes, opens = AIRPORTS[code]
        return {"code": code, "closes": closes, "opens": opens}


class Fleet(Service):
    """Aircraft and how long they need on the ground."""

    AIRCRAFT = ({"tail": "EC-MUS", "turnaround": 45}, {"tail": "EC-SLA", "turnaround": 45}, {"tail": "D-ABPF", "turnaround": 60})

    def __init__(self):
        super().__init__()
        self.route("GET", "/aircraft", {PLANNER}, lambda _: list(self.AIRCRAFT))


class CrewRules(Service):
    """Limits of duty and rest, in hours, simplified from what regulations say."""

    DUTY, REST = 13, 12

    def __init__(self):
        super().__init__()
        self.route("POST", "/checks", {CREW}, self.check)

    def check(self, request):
        duties = defaultdict(list)
        for flight in flights_of(request.json("flights")):
            for name in flight["crew"]:
                duties[name].append((moment(flight["departs"]), moment(flight["arrives"])))
        broken = []
        for name, times in sorted(duties.items()):
            times.sort()
            begins, ends = times[0]
            for departs, arrives in times[1:]:
                if departs - ends >= timedelta(hours=self.REST):
                    begins = departs
                elif arrives - begins > timedelta(hours=self.DUTY):
                    broken.append(f"{name}: more than {self.DUTY} hours without {self.REST} hours of rest")
                ends = arrives
        return {"broken": sorted(set(broken))}


class Plans(Service):
    """Documents with versions; each is kept with its hash and never given out if it does not match."""

    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()
        self.data = sqlite3.connect(STATE / "plans.db", check_same_thread=False)
        self.data.execute("CREATE TABLE IF NOT EXISTS plans (id TEXT PRIMARY KEY, version INTEGER, hash TEXT, body TEXT)")
        self.route("PUT", f"/plans/{ID}", {PLANNER, SERVICE}, self.put)
        self.route("GET", f"/plans/{ID}", {PLANNER, SERVICE}, self.get)

    def put(self, request, key):
        body = json.dumps(request.json(), sort_keys=True)
        with self.lock, self.data:
            row = self.data.execute("SELECT version FROM plans WHERE id = ?", (key,)).fetchone()
            version = row[0] + 1 if row else 1
            digest = hashlib.sha256(body.encode()).hexdigest()
            self.data.execute("INSERT OR REPLACE INTO plans VALUES (?, ?, ?, ?)", (key, version, digest, body))
        return {"id": key, "version": version}

    def get(self, _request, key):
        with self.lock:
            row = self.data.execute("SELECT version, hash, body FROM plans WHERE id = ?", (key,)).fetchone()
        if row is None:
            raise Refused(404, "no such plan")
        if hashlib.sha256(row[2].encode()).hexdigest() != row[1]:
            raise Refused(500, "plan was altered outside the service")
        return {"id": key, "version": row[0], "plan": json.loads(row[2])}


class Events(Service):
    """Topics with numbered messages; the oldest leave first."""

    def __init__(self):
        super().__init__()
        self.lock, self.topics = threading.Lock(), defaultdict(lambda: deque(maxlen=1000))
        self.next = 1
        self.route("POST", f"/topics/{ID}", {PLANNER, SERVICE}, self.post)
        self.route("GET", f"/topics/{ID}/after/([0-9]{{1,9}})", {PLANNER, SERVICE}, self.after)

    def post(self, request, topic):
        with self.lock:
            if topic not in self.topics and len(self.topics) >= 100:
                raise Refused(507, "too many topics")
            number, self.next = self.next, self.next + 1
            self.topics[topic].append({"number": number, "message": request.json()})
        return {"number": number}

    def after(self, _request, topic, number):
        with self.lock:
            return [each for each in self.topics.get(topic, ()) if each["number"] > int(number)][:100]


class Schedules(Service):
    """Takes a planner's schedule, has it checked by all who know better, keeps it and asks for its optimisation."""

    def __init__(self):
        super().__init__()
        self.route("POST", "/schedules", {PLANNER}, self.make)
        self.route("GET", f"/schedules/{ID}", {PLANNER}, lambda request, key: ask("plans", "GET", f"/plans/{key}", request.token))

    def make(self, request):
        flights = flights_of(request.json("flights"))
        for code in sorted({flight[end] for flight in flights for end in ("origin", "destination")}):
            airport = ask("airports", "GET", f"/airports/{code}", request.token)
            late = [each for each in flights if each["destination"] == code and not is_open(airport, moment(each["arrives"]))]
            if late:
                raise Refused(409, f"{code} is closed when {late[0]['number']} arrives")
        broken = ask("crew-rules", "POST", "/checks", request.token, {"flights": flights})["broken"]
        if broken:
            raise Refused(409, broken[0])
        aircraft = ask("fleet", "GET", "/aircraft", request.token)
        key = secrets.token_hex(8)
        plan = {"flights": flights, "rotations": rotations(flights, aircraft)}
        kept = ask("plans", "PUT", f"/plans/{key}", request.token, plan)
        ask("events", "POST", "/topics/schedule-made", request.token, {"id": key, "flights": len(flights)})
        return kept


class Optimiser(Service):
    """Works in the background: tells how few aircraft could fly each new schedule. Its account's password is a file of its own."""

    def __init__(self):
        super().__init__()
        self.state = {"runs": 0, "last": "", "planned": 0, "enough": 0}
        self.route("GET", "/state", {PLANNER}, lambda _: self.state)
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self):
        token, seen = "", 0
        while True:
            try:
                token = (
                    token or ask("identity", "POST", "/tokens", body={"user": "optimiser", "password": self._password()})["token"]
                )
                for event in ask("events", "GET", f"/topics/schedule-made/after/{seen}", token):
                    seen, key = event["number"], event["message"]["id"]
                    self._look_at(key, ask("plans", "GET", f"/plans/{key}", token)["plan"])
            except (Refused, OSError, KeyError, TypeError):
                token = ""
            time.sleep(float(os.environ.get("SECONDS_BETWEEN", "10")))

    @staticmethod
    def _password():
        return (STATE / "password").read_text().strip()

    def _look_at(self, key, plan):
        """Count the aircraft in the air at once: with fewer, no schedule of these flights can be flown."""
        times = sorted(each for flight in plan["flights"] for each in ((flight["departs"], 1), (flight["arrives"], -1)))
        flying = most = 0
        for _, change in times:
            flying += change
            most = max(most, flying)
        self.state = {"runs": self.state["runs"] + 1, "last": key, "planned": len(plan["rotations"]), "enough": most}


def flights_of(said):
    """Return the flights of a request; a wrong one is refused with the reason."""
    flights = said["flights"]
    if not isinstance(flights, list) or not 0 < len(flights) <= 500:
        raise Refused(400, "between 1 and 500 flights are expected")
    for each in flights:
        if not isinstance(each, dict) or set(each) != {"number", "origin", "destination", "departs", "arrives", "crew"}:
            raise Refused(400, "a flight has number, origin, destination, departs, arrives, crew")
        fits = all(isinstance(each[end], str) and re.fullmatch("[A-Z]{3}", each[end]) for end in ("origin", "destination"))
        names = each["crew"] if isinstance(each["crew"], list) else [None]
        if not fits or not all(isinstance(one, str) and len(one) <= 40 for one in [each["number"], *names]):
            raise Refused(400, "a flight is not written as expected")
        if not moment(each["departs"]) < moment(each["arrives"]):
            raise Refused(400, "a flight arrives before it departs")
    return flights


def moment(said):
    """Return a time as written in ISO 8601, without zone."""
    try:
        return datetime.strptime(said, "%Y-%m-%dT%H:%M")
    except (TypeError, ValueError):
        raise Refused(400, "times are written 2026-03-01T08:30") from None


def is_open(airport, when):
    """Tell whether an airport takes a flight at that time; closing at 24 means never."""
    hour, closes, opens = when.hour, airport["closes"], airport["opens"]
    return closes == 24 or (opens <= hour < closes if opens < closes else not closes <= hour < opens)


def rotations(flights, aircraft):
    """Assign each flight, earliest first, to the first aircraft that is there and turned round in time."""
    there = {each["tail"]: None for each in aircraft}
    ground = {each["tail"]: timedelta(minutes=each["turnaround"]) for each in aircraft}
    found = defaultdict(list)
    for flight in sorted(flights, key=lambda each: (each["departs"], each["number"])):
        for tail, last in sorted(there.items(), key=lambda each: (each[1] is None, each[0])):
            if last is None or (last[0] == flight["origin"] and last[1] + ground[tail] <= moment(flight["departs"])):
                there[tail] = (flight["destination"], moment(flight["arrives"]))
                found[tail].append(flight["number"])
                break
        else:
            raise Refused(409, f"no aircraft is free for {flight['number']}")
    return found


class Request(BaseHTTPRequestHandler):
    """One request: matched, admitted, answered, and written down."""

    server_version, sys_version, timeout = "flight-scheduling", "", 10
    token, who = "", "-"

    def handle_any(self):
        status, answer = 404, {"error": "no such path"}
        try:
            for method, path, roles, function in self.server.service.routes:
                found = re.fullmatch(path, urlsplit(self.path).path)
                if found and method == self.command:
                    self._admit(roles)
                    status, answer = 200, function(self, *found.groups())
                    break
        except Refused as error:
            status, answer = error.status, {"error": error.reason}
        self._answer(status, answer)

    do_GET = do_POST = do_PUT = handle_any  # noqa: N815

    def _admit(self, roles):
        self.token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if roles is not None:
            self.who, has = self.server.service.user(self.token)
            if not roles & has:
                raise Refused(403, "your account may not do this")

    def json(self, *keys):
        """Return the body, which must be an object with these keys."""
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LARGEST:
            raise Refused(413, f"a body of at most {LARGEST} octets is expected")
        try:
            said = json.loads(self.rfile.read(int(length)))
        except ValueError:
            raise Refused(400, "the body is not JSON") from None
        if not isinstance(said, dict) or not set(keys) <= set(said):
            raise Refused(400, "an object is expected" + (f" with {', '.join(keys)}" if keys else ""))
        return said

    def _answer(self, status, answer):
        page = isinstance(answer, str)
        body = answer.encode() if page else json.dumps(answer).encode()
        self.send_response_only(status)
        headers = {"Content-Type": "text/html; charset=utf-8" if page else "application/json", "Content-Length": str(len(body))}
        headers |= {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
        headers |= {"Content-Security-Policy": "default-src 'none'"}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        record = {
            "who": self.who,
            "from": self.client_address[0],
            "method": self.command,
            "path": self.path[:200],
            "status": status,
        }
        print(json.dumps(record), flush=True)  # noqa: T201

    def log_message(self, *_arguments):
        """Our own line is written instead."""


SERVICES = {
    "gateway": Gateway,
    "identity": Identity,
    "schedules": Schedules,
    "airports": Airports,
    "fleet": Fleet,
    "crew-rules": CrewRules,
    "optimiser": Optimiser,
    "plans": Plans,
    "events": Events,
}


def main():
    """Serve until stopped."""
    name = os.environ.get("COMPONENT", "")
    if name not in SERVICES:
        sys.exit(f"COMPONENT must be one of {', '.join(sorted(SERVICES))}")
    server = ThreadingHTTPServer((os.environ.get("ADDRESS", "127.0.0.1"), int(os.environ.get("PORT", "8080"))), Request)
    server.daemon_threads = True
    server.service = SERVICES[name]()
    server.serve_forever()


if __name__ == "__main__":
    main()
