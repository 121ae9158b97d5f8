"""Many threads, several applications, forked workers: every answer is the one that a single thread gets.

`Matcher` is shared, and what it remembers of patterns is all that ever changes in it. So its memory is made small here,
and the hosts that fill it are many. CORSRULES_REQUESTS is the number of requests to the forked server.
"""

import http.client
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest
from answers import ask, cors, vary
from environs import environ
from flask import Flask

import corsrules
from corsrules.engine import compiler
from corsrules.engine.grants import Grants
from corsrules.engine.matcher import Matcher
from corsrules.flask import CorsRules
from corsrules.wsgi import DROPPED_MESSAGE, CorsMiddleware

THREADS = 12
REQUESTS = int(os.environ.get("CORSRULES_REQUESTS", "400"))
SECONDS = 30

RULES = """
version = 1

[[rules]]
name        = "named"
paths       = ["/api/*"]
origins     = ["https://app.example.com", "https://x.minted.example"]
credentials = true
methods     = ["PUT"]

[[rules]]
name    = "minted"
paths   = ["/api/*"]
origins = ["https://*.minted.example", "https://**.deep.minted.example", "https://*.ports.example:8000-8999"]
max-age = 60

[[rules]]
name    = "a dash before"
paths   = ["/cross/*"]
origins = ["https://a-*.minted.example"]

[[rules]]
name    = "a dash behind"
paths   = ["/cross/*"]
origins = ["https://*-z.minted.example", "https://a-b-*.minted.example"]

[[rules]]
paths   = ["/public"]
origins = ["*"]

[fallback]
headers = ["x-client-origin"]
"""


@pytest.fixture(autouse=True)
def _threads_take_turns_often() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.fixture
def little_memory(monkeypatch: pytest.MonkeyPatch) -> int:
    """A matcher that is made now remembers this many origins at a path."""
    monkeypatch.setattr(compiler, "REMEMBERED", 8)
    monkeypatch.setattr(compiler, "REMEMBERED_AT_LEAST", 8)
    return 8


def origins(minted: int) -> list[str | None]:
    """Named ones, ones of patterns (all of them hosts that an attacker who owns a domain can mint), and strangers."""
    return [
        *(None, "null", "https://evil.test", "https://app.example.com", "https://x.minted.example"),
        *(f"https://h{number}.minted.example" for number in range(minted)),
        *(f"https://a.h{number}.deep.minted.example" for number in range(minted)),
        *(f"https://h{number}.ports.example:{8000 + number % 1100}" for number in range(minted)),
        *(f"https://a-{letter}-{number}-z.minted.example" for number in range(minted) for letter in "bc"),
        *(f"https://h{number}.evil.test" for number in range(minted // 4)),
    ]


Question = tuple[str, str | None, bool, str | None]
PATHS = ("/api/orders", "/cross/x", "/public", "/api/../x", "/elsewhere")


def questions(minted: int) -> list[Question]:
    with_origin = product(PATHS, origins(minted), (False, True), (None,))
    hosts = [f"h{number}.minted.example" for number in range(minted)]
    return [*with_origin, *product(("/api",), (None,), (False, True), hosts)]


def decided(matcher: Matcher, question: Question) -> tuple[object, ...]:
    path, origin, preflight, host = question
    decision = matcher.decide(path, origin, preflight=preflight, host=host)
    return decision.governed, decision.allowed, decision.rule, dict(decision.headers), decision.vary


def all_at_once(work: Callable[[int], list[object]]) -> list[object]:
    """What `work(number)` found wrong, of all threads, which begin together; a thread that raises fails the test."""
    barrier = threading.Barrier(THREADS)

    def begin(number: int) -> list[object]:
        barrier.wait(SECONDS)
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return [wrong for found in pool.map(begin, range(THREADS)) for wrong in found]


def memories(matcher: Matcher) -> list[Grants]:
    """Every memory of a matcher, also those without room."""
    paths = (*matcher.exact_paths.values(), *matcher.paths_below.values(), matcher.everywhere)
    grants = [path.grants for path in paths if path is not None]
    return [*grants, *(inner for each in grants for _, _, inner in each.by_port)]


@pytest.mark.usefixtures("little_memory")
def test_one_matcher_answers_every_thread_as_it_answers_one() -> None:
    asked = questions(60)
    # A fresh matcher for each question, so that nothing was remembered.
    known = {question: decided(corsrules.loads(RULES), question) for question in asked[:: len(asked) // 40]}
    alone = corsrules.loads(RULES)
    expected = {question: decided(alone, question) for question in asked}
    assert known == {question: expected[question] for question in known}
    assert {answer[2] for answer in expected.values()} >= {"named", "minted", "a dash before", "a dash behind", None}
    matcher = corsrules.loads(RULES)

    def work(number: int) -> list[object]:
        mine = random.Random(number).sample(asked, len(asked))
        return [(each, got) for each in mine if (got := decided(matcher, each)) != expected[each]]

    assert all_at_once(work) == []


def test_what_is_remembered_is_bounded(little_memory: int) -> None:
    matcher = corsrules.loads(RULES)
    named = [dict(each) for each in memories(matcher)]
    asked = questions(400)

    def work(number: int) -> list[object]:
        for each in random.Random(number).sample(asked, len(asked)):
            decided(matcher, each)
        return []

    assert all_at_once(work) == []
    for grants, before in zip(memories(matcher), named, strict=True):
        assert {text: grant for text, grant in grants.items() if text not in grants.remembered} == before
        assert len(grants.remembered) <= (little_memory + THREADS if grants.room else 0)
        assert len(grants) <= len(before) + len(grants.remembered)
    for name in ("https://app.example.com", "https://x.minted.example"):
        assert decided(matcher, ("/api", name, False, None))[2] == "named", "a name is never pushed out"


# --- applications -----------------------------------------------------------------------------------------------------


class Bare(Flask):
    """An application that answers everything, and says what CORS rules must replace."""

    def dispatch_request(self) -> tuple[str, dict[str, str]]:
        return "view", {"Access-Control-Allow-Origin": "*", "Vary": "Accept"}


def request_of(question: Question) -> dict[str, object]:
    path, origin, preflight, host = question
    method = "OPTIONS" if preflight else "GET"
    named = {"Origin": origin, "Host": host, "Access-Control-Request-Method": "PUT" if preflight else None}
    headers = {name: value for name, value in named.items() if value is not None}
    return environ(path, method, headers, **{"wsgi.multithread": True})


#: The status, the CORS headers, the names in `Vary`, and the body of an answer.
Told = tuple[int, dict[str, str], set[str], bytes]


def answered(app: Callable[..., object], question: Question) -> Told:
    answer = ask(app, request_of(question))
    return answer.status, answer.cors, answer.vary, answer.body


def with_adapter(folder: object, rules: str) -> Flask:
    file = folder / "cors.toml"
    file.write_text(rules, encoding="utf-8")
    app = Bare("adapter")
    CorsRules(app, file)
    return app


ADAPTERS = {
    "the Flask adapter": with_adapter,
    "the middleware": lambda folder, rules: CorsMiddleware(Bare("bare"), corsrules.loads(rules)),
}


@pytest.mark.usefixtures("little_memory")
@pytest.mark.parametrize("make", ADAPTERS.values(), ids=ADAPTERS)
def test_one_application_answers_every_thread_as_it_answers_one(make, tmp_path) -> None:
    asked = random.Random(1).sample(questions(40), 400)
    alone = make(tmp_path, RULES)
    expected = {question: answered(alone, question) for question in asked}
    assert {status for status, *_ in expected.values()} == {200, 204, 403}
    app = make(tmp_path, RULES)

    def work(number: int) -> list[object]:
        mine = random.Random(number).sample(asked, len(asked) // 2)
        return [(each, got) for each in mine if (got := answered(app, each)) != expected[each]]

    assert all_at_once(work) == []


@pytest.mark.parametrize("make", ADAPTERS.values(), ids=ADAPTERS)
def test_applications_of_one_process_keep_to_their_own_files(make, tmp_path) -> None:
    """The same origins and paths mean something else in each."""
    asked: list[Question] = []
    apps, expected = [], []
    for number in range(5):
        folder = tmp_path / str(number)
        folder.mkdir()
        named, minted = f"https://app{number}.example.com", f"https://*.m{number}.example.com"
        rules = (
            f'version = 1\n[[rules]]\norigins = ["{named}", "{minted}"]\nmethods = ["M{number}"]\nmax-age = {number}\n'
            f'[[rules]]\npaths = ["/{number}/*"]\norigins = ["*"]\n'
        )
        apps.append(make(folder, rules))
        for path, origin, preflight in product(("/", "/0/x", "/3"), (named, minted.replace("*", "x")), (False, True)):
            asked.append((path, origin, preflight, None))
    for number in range(5):
        mine = {}
        for path, origin, preflight, _ in asked:
            everyone = path.startswith(f"/{number}")
            allowed = everyone or f"app{number}." in origin or f".m{number}." in origin
            vary = {*(() if preflight else ("accept",)), *(() if everyone else ("origin",))}
            cors = {"access-control-allow-origin": "*" if everyone else origin} if allowed else {}
            if allowed and preflight and not everyone:
                cors |= {"access-control-allow-methods": f"M{number}", "access-control-max-age": str(number)}
            status = 200 if not preflight else 204 if allowed else 403
            mine[path, origin, preflight, None] = status, cors, vary, b"" if preflight else b"view"
        expected.append(mine)

    def work(seed: int) -> list[object]:
        wrong: list[object] = []
        for number, question in random.Random(seed).sample(list(product(range(5), asked)), 5 * len(asked)):
            got = answered(apps[number], question)
            if got != expected[number][question]:
                wrong.append((number, question, got, expected[number][question]))
        return wrong

    assert all_at_once(work) == []


# --- a forked server --------------------------------------------------------------------------------------------------

APPLICATION = """
import os
from flask import Flask
from corsrules.flask import CorsRules

app = Flask(__name__, root_path=os.path.dirname(os.path.abspath(__file__)))
CorsRules(app)

@app.route("/<path:rest>")
def view(rest):
    return "view", {"X-Worker": str(os.getpid()), "Access-Control-Allow-Origin": "*"}
"""
WORKERS = 4
CLIENTS = 6
#: How many requests a client sends before it connects anew, perhaps to another worker.
PER_CONNECTION = 20


@pytest.fixture
def address(tmp_path) -> Iterator[tuple[str, int]]:
    """A gunicorn of four workers that are forked from a process which has read the file."""
    (tmp_path / "cors.toml").write_text(RULES, encoding="utf-8")
    (tmp_path / "application.py").write_text(APPLICATION, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        command = [sys.executable, "-m", "gunicorn", "--preload", "--workers", str(WORKERS)]
        command += ["--threads", "2", "--keep-alive", "30"]
        command += ["--bind", f"fd://{listener.fileno()}", "--chdir", str(tmp_path), "--log-level", "warning"]
        command += ["--worker-tmp-dir", str(tmp_path), "--no-control-socket", "application:app"]
        with (tmp_path / "log").open("wb") as log:
            server = subprocess.Popen(command, pass_fds=[listener.fileno()], stdout=log, stderr=log, cwd=tmp_path)
        try:
            _wait_for(server, listener.getsockname(), tmp_path / "log")
            yield listener.getsockname()
            assert server.poll() is None
        finally:
            server.terminate()
            server.wait(SECONDS)
        lines = (tmp_path / "log").read_text().splitlines()
        assert lines == [DROPPED_MESSAGE] * len(lines)
        assert len(lines) <= WORKERS, "logged once per process"


def _wait_for(server: subprocess.Popen[bytes], address: tuple[str, int], log) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        connection = http.client.HTTPConnection(*address, timeout=SECONDS)
        try:
            connection.request("GET", "/elsewhere")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    raise AssertionError(log.read_text())


def sent(connection: http.client.HTTPConnection, question: Question) -> tuple[Told, str | None]:
    """What `answered` gives, over the wire, and the worker where the view answered."""
    path, origin, preflight, host = question
    connection.putrequest("OPTIONS" if preflight else "GET", path, skip_host=True)
    connection.putheader("Host", "backend.internal" if host is None else host)
    if preflight:
        connection.putheader("Access-Control-Request-Method", "PUT")
    if origin is not None:
        connection.putheader("Origin", origin)
    connection.endheaders()
    response = connection.getresponse()
    body = response.read()
    headers = response.getheaders()
    return (response.status, cors(headers), vary(headers), body), response.getheader("X-Worker")


def test_a_forked_server_under_load(address: tuple[str, int], tmp_path) -> None:
    asked = [question for question in questions(40) if question[0] != "/api/../x"]  # a client would tidy that up
    folder = tmp_path / "alone"
    folder.mkdir()
    (folder / "cors.toml").write_text(RULES, encoding="utf-8")
    app = Flask(__name__, root_path=str(folder))
    CorsRules(app)
    app.add_url_rule("/<path:rest>", "view", lambda rest: ("view", {"Access-Control-Allow-Origin": "*"}))

    def client(number: int) -> tuple[list[object], list[object], set[str | None]]:
        choose = random.Random(number).choice
        errors: list[object] = []
        wrong: list[object] = []
        workers: set[str | None] = set()
        connection = http.client.HTTPConnection(*address, timeout=SECONDS)
        for count in range(number, REQUESTS, CLIENTS):
            question = choose(asked)
            if count // CLIENTS % PER_CONNECTION == 0:
                connection.close()
            try:
                got, worker = sent(connection, question)
            except (OSError, http.client.HTTPException) as error:
                errors.append((question, repr(error)))
                connection.close()
                continue
            workers.add(worker)
            path, origin, preflight, host = question
            expected = answered(app, (path, origin, preflight, host or "backend.internal"))
            if got != expected:
                wrong.append((question, got, expected))
        connection.close()
        return errors, wrong, workers

    start = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as pool:
        results = list(pool.map(client, range(CLIENTS)))
    errors = [error for each, _, _ in results for error in each]
    wrong = [each for _, found, _ in results for each in found]
    workers = {worker for _, _, found in results for worker in found} - {None}
    sys.stdout.write(
        f"{REQUESTS} requests to {len(workers)} workers by {CLIENTS} clients in {time.monotonic() - start:.1f} s: "
        f"{len(wrong)} answers wrong, {len(errors)} errors\n"
    )
    assert (errors, wrong) == ([], [])
    assert len(workers) > 1
