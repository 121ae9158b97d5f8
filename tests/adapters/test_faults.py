"""What happens to the file: it disappears, is broken or cut short, cannot be read.

An application that runs keeps answering with what it loaded. One that starts refuses to, and says what is wrong and
where: with the findings where the content is wrong, with the absolute path where there is none to be read.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from answers import cors, vary
from click.testing import CliRunner
from flask import Flask

import corsrules
from corsrules.cli import main
from corsrules.flask import CorsRules
from corsrules.wsgi import CorsMiddleware

APP = "https://app.example.com"
RULES = """
version = 1

[[rules]]
name        = "straße"
paths       = ["/api/*"]
origins     = ["https://app.example.com", "https://*.apps.example.com"]
methods     = ["PUT"]
credentials = true
"""
#: The same with a mistake, and with other rules: both must not be noticed by what runs already.
BROKEN = RULES.replace("credentials = true", "credentials = yes")
UNWISE = RULES.replace('"https://app.example.com"', '"*"')
OTHER = RULES.replace("app.example.com", "other.example.com")

SECONDS = 30


# --- while it runs ----------------------------------------------------------------------------------------------------


def become_a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def become_a_dangling_link(file: Path) -> None:
    file.unlink()
    file.symlink_to("nowhere")


def be_replaced(file: Path, text: str) -> None:
    """At once, as editors and deployments do."""
    beside = file.with_name("new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(file)


FAULTS: dict[str, Callable[[Path], object]] = {
    "it disappears": Path.unlink,
    "its folder disappears": lambda file: shutil.rmtree(file.parent),
    "it is emptied": lambda file: os.truncate(file, 0),
    "it is cut short": lambda file: os.truncate(file, 60),
    "it is replaced by a broken one": lambda file: be_replaced(file, BROKEN),
    "it is overwritten by an unwise one": lambda file: file.write_text(UNWISE, encoding="utf-8"),
    "it is replaced by other rules": lambda file: be_replaced(file, OTHER),
    "it is no longer text": lambda file: file.write_bytes(b"\xff\x00"),
    "it becomes a folder": become_a_folder,
    "it becomes a dangling link": become_a_dangling_link,
    "it may no longer be read": lambda file: file.chmod(0),
}


def with_adapter(folder: Path) -> Flask:
    app = Flask(__name__, root_path=str(folder))
    app.add_url_rule("/api/orders", "orders", lambda: "orders")
    CorsRules(app)
    return app


def with_middleware(folder: Path) -> Flask:
    app = Flask(__name__, root_path=str(folder))
    app.add_url_rule("/api/orders", "orders", lambda: "orders")
    app.wsgi_app = CorsMiddleware(app.wsgi_app, corsrules.load(folder / "cors.toml"))
    return app


def answered(app: Flask) -> list[tuple[object, ...]]:
    client = app.test_client()
    found: list[tuple[object, ...]] = []
    for origin in (APP, "https://x.apps.example.com", "https://other.example.com", "null", None):
        headers = {} if origin is None else {"Origin": origin}
        for method, extra in (("GET", {}), ("OPTIONS", {"Access-Control-Request-Method": "PUT"})):
            response = client.open("/api/orders", method=method, headers=headers | extra)
            found.append((response.status_code, cors(response.headers), vary(response.headers), response.data))
    return found


@pytest.mark.parametrize("make", [with_adapter, with_middleware])
@pytest.mark.parametrize("happen", FAULTS.values(), ids=FAULTS)
def test_what_runs_keeps_answering_with_what_it_loaded(make, happen, tmp_path) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "cors.toml").write_text(RULES, encoding="utf-8")
    app = make(folder)
    before = answered(app)
    allowed = {"access-control-allow-origin": APP, "access-control-allow-credentials": "true"}
    assert before[0][:3] == (200, allowed, {"origin"})
    assert before[4][:3] == (200, {}, {"origin"})

    happen(folder / "cors.toml")
    assert answered(app) == before


# --- when it starts ---------------------------------------------------------------------------------------------------


def nobody_made_one(file: Path) -> None:
    """No file at all."""


UNREADABLE: dict[str, tuple[Callable[[Path], object], type[OSError]]] = {
    "there is none": (nobody_made_one, FileNotFoundError),
    "it is a folder": (Path.mkdir, IsADirectoryError),
    "it is a dangling link": (lambda file: file.symlink_to("nowhere"), FileNotFoundError),
    "it is a link to itself": (lambda file: file.symlink_to(file), OSError),
    "its folder is a file": (lambda file: (file.parent.rmdir(), file.parent.write_text("")), NotADirectoryError),
}


@pytest.mark.parametrize(("make_it", "error"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read_stops_the_start(make_it, error, tmp_path, monkeypatch) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    make_it(folder / "cors.toml")
    app = Flask(__name__, root_path=str(folder))
    with pytest.raises(error) as caught:
        CorsRules(app)
    assert caught.value.filename == str(folder / "cors.toml")
    assert "corsrules" not in app.extensions, "it is not half there"
    assert app.after_request_funcs == {}

    with pytest.raises(error):
        corsrules.check(folder / "cors.toml")

    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["check", "app/cors.toml"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert str(folder / "cors.toml") in result.stderr


@contextmanager
def nobody() -> Iterator[None]:
    """Without the rights of root, for whom every file is readable."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_file_that_may_not_be_read_stops_the_start() -> None:
    with tempfile.TemporaryDirectory(prefix="corsrules-") as folder:
        os.chmod(folder, 0o755)
        file = Path(folder, "cors.toml")
        file.write_text(RULES, encoding="utf-8")
        file.chmod(0o644)
        app = Flask(__name__, root_path=folder)
        with nobody():
            CorsRules(app)  # it is the permission that the rest is about
        file.chmod(0)
        app = Flask(__name__, root_path=folder)
        with nobody(), pytest.raises(PermissionError) as caught:
            CorsRules(app)
        assert caught.value.filename == str(file)
        assert "corsrules" not in app.extensions
        with nobody():
            result = CliRunner().invoke(main, ["check", str(file)])
        assert (result.exit_code, result.stdout) == (2, "")
        assert str(file) in result.stderr


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="needs a file that opens and then fails to be read")
def test_an_error_while_it_is_read_stops_the_start(tmp_path) -> None:
    """The first page of a process's memory is not there, and so cannot be read (EIO)."""
    app = Flask(__name__, root_path=str(tmp_path))
    with pytest.raises(OSError, match="Input/output error"):
        CorsRules(app, "/proc/self/mem")
    assert "corsrules" not in app.extensions
    result = CliRunner().invoke(main, ["check", "/proc/self/mem"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "/proc/self/mem" in result.stderr


def codes_of(start: Callable[[], object]) -> list[str]:
    with pytest.raises(corsrules.ConfigError) as caught:
        start()
    return [finding.code for finding in caught.value.findings]


WRONG = {"broken": BROKEN, "unwise": UNWISE, "empty": "", "cut short": RULES[:100]}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_a_file_with_errors_stops_the_start_with_what_check_says(text, tmp_path) -> None:
    file = tmp_path / "cors.toml"
    file.write_text(text, encoding="utf-8")
    app = Flask(__name__, root_path=str(tmp_path))
    with pytest.raises(corsrules.ConfigError) as caught:
        CorsRules(app)
    assert "corsrules" not in app.extensions
    assert app.before_request_funcs == {}
    assert caught.value.findings == [each for each in corsrules.check(file) if each.severity == "error"]
    printed = CliRunner().invoke(main, ["check", str(file)]).stdout
    blocks = str(caught.value).strip().split("\n\n")
    assert blocks
    assert all(block in printed for block in blocks)


@pytest.mark.parametrize("make_app", [None, with_adapter, with_middleware])
def test_after_a_failed_start_the_next_one_works(make_app, tmp_path) -> None:
    file = tmp_path / "cors.toml"
    start = make_app or (lambda folder: corsrules.load(folder / "cors.toml"))
    file.write_text(BROKEN, encoding="utf-8")
    with pytest.raises(corsrules.ConfigError):
        start(tmp_path)
    file.write_text(RULES, encoding="utf-8")
    assert start(tmp_path) is not None


def test_what_is_cut_short_at_any_byte_is_read_as_what_is_there(tmp_path) -> None:
    """A reader sees no more than a beginning of a file that is being written; each is judged as that text would be.

    Nothing is guessed about what is missing, so a writer should replace the file at once.
    """
    content = RULES.encode()
    file = tmp_path / "cors.toml"
    whole = 0
    for end in range(len(content) + 1):
        file.write_bytes(content[:end])
        errors = [each for each in corsrules.check(file) if each.severity == "error"]
        if errors:
            assert codes_of(lambda: corsrules.load(file)) == [each.code for each in errors]
        else:
            whole += 1
            assert corsrules.load(file).decide("/api", APP).allowed
            assert corsrules.load(file).decide("/api", "https://evil.test").headers == {}
    assert 0 < whole < 50


@pytest.fixture
def pipe(tmp_path) -> Iterator[Callable[[bytes], Path]]:
    """`pipe(content)`: a path at which this can be read once, and then ends."""
    writers: list[threading.Thread] = []

    def make(content: bytes) -> Path:
        path = tmp_path / f"pipe{len(writers)}"
        os.mkfifo(path)
        writers.append(threading.Thread(target=path.write_bytes, args=(content,), daemon=True))
        writers[-1].start()
        return path

    yield make
    for writer in writers:
        writer.join(SECONDS)
        assert not writer.is_alive()


def test_the_file_is_read_once(pipe) -> None:
    """So what is shown is what was judged, whatever the file has become meanwhile: a pipe has nothing left."""
    assert corsrules.load(pipe(RULES.encode())).decide("/api", APP).allowed
    path = pipe(BROKEN.encode())
    with pytest.raises(corsrules.ConfigError) as caught:
        corsrules.load(path)
    assert f"{path}:9:15" in str(caught.value)
    assert "credentials = yes" in str(caught.value)


def test_a_writer_that_dies_half_way_stops_the_start(pipe, tmp_path) -> None:
    path = pipe(RULES.encode()[:100])
    app = Flask(__name__, root_path=str(tmp_path))
    with pytest.raises(corsrules.ConfigError) as caught:
        CorsRules(app, path)
    assert [finding.code for finding in caught.value.findings] == ["CR002"]


def test_a_file_larger_than_one_read(pipe) -> None:
    """A pipe gives 64 KiB at most at a time, and the last rule still counts."""
    rest = "".join(f'[[rules]]\npaths = ["/{number}"]\norigins = ["{APP}"]\n' for number in range(4000))
    matcher = corsrules.load(pipe((RULES + rest).encode()))
    assert matcher.decide("/3999", APP).allowed


# --- under a server ---------------------------------------------------------------------------------------------------

APPLICATION = """
import os
from flask import Flask
from corsrules.flask import CorsRules

app = Flask(__name__, root_path=os.path.dirname(os.path.abspath(__file__)))
CorsRules(app)
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [(BROKEN, ["error[CR002]", "credentials = yes"]), (None, ["FileNotFoundError", "cors.toml"])],
    ids=["a broken file", "no file"],
)
def test_a_server_does_not_start_and_says_why(text, said, tmp_path) -> None:
    (tmp_path / "application.py").write_text(APPLICATION, encoding="utf-8")
    if text is not None:
        (tmp_path / "cors.toml").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "gunicorn", "--workers", "2", "--bind", "127.0.0.1:0", "--chdir", str(tmp_path)]
    command += ["--worker-tmp-dir", str(tmp_path), "--no-control-socket", "application:app"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert ended.returncode != 0
    assert all(each in ended.stderr for each in said)
    assert str(tmp_path / "cors.toml") in ended.stderr
