"""Imports from the network: only with leave, once, verified, pinned; a real server on this machine stands for the others."""

import shutil
import subprocess
from pathlib import Path

import pytest

from musa_pipeline.workspace.download import NotFetched, download
from tests.command import lay_out, musa
from tests.servers.certificates import Authority
from tests.workspace.type_server import Pages, served

TYPES = """\
tosca_definitions_version: tosca_simple_yaml_1_3
node_types:
  acme.nodes.Shop: {derived_from: tosca.nodes.WebApplication}
"""
MODEL = """\
tosca_definitions_version: tosca_simple_yaml_1_3
imports: ['%s']
topology_template:
  node_templates:
    shop: {type: acme.nodes.Shop, requirements: [{host: vm}]}
    vm: {type: tosca.nodes.Compute}
"""
HERE = frozenset({"127.0.0.1"})


def run(folder: Path, *flags: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return musa("-v", "model", "app", *flags, cwd=folder, NO_PROXY="*", no_proxy="*", **environment)


def model(folder: Path, url: str) -> Path:
    return lay_out(folder, models__app__app_yaml=MODEL % url, musa_yaml="")


def test_nothing_is_asked_without_leave(tmp_path: Path) -> None:
    with served(Pages({"/types.yaml": TYPES})) as pages:
        done = run(model(tmp_path, pages.url + "/types.yaml"))
    assert "warning[T007]: import" in done.stderr and "--fetch" in done.stderr
    assert pages.asked == []
    assert not (tmp_path / "models/app/imports.lock").exists()


def test_an_import_is_fetched_once_and_pinned_and_read_offline_ever_after(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "keys")
    with served(Pages({"/types.yaml": TYPES}), authority.issue("types")) as pages:
        model(tmp_path, pages.url + "/types.yaml")
        done = run(tmp_path, "--fetch", SSL_CERT_FILE=str(authority.certificate))
        assert (done.returncode, "T007" in done.stderr, "T004" in done.stderr) == (0, False, False), done.stderr
        assert run(tmp_path, "--fetch", SSL_CERT_FILE=str(authority.certificate)).returncode == 0
        assert pages.asked == ["/types.yaml"]
    lock = (tmp_path / "models/app/imports.lock").read_text()
    assert f"  - url: '{pages.url}/types.yaml'\n    sha256: " in lock
    assert f"    size: {len(TYPES)}\n" in lock
    assert [each.read_text() for each in (tmp_path / ".musa/imports").iterdir()] == [TYPES]
    lay_out(tmp_path, models__app__app_yaml=(tmp_path / "models/app/app.yaml").read_text() + "# changed\n")
    done = run(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "shop" in done.stdout


def test_leave_is_asked_for_in_a_fresh_clone_and_what_comes_must_be_what_was_pinned(tmp_path: Path) -> None:
    with served(Pages({"/types.yaml": TYPES})) as pages:
        model(tmp_path, pages.url + "/types.yaml")
        assert run(tmp_path, "--fetch").returncode == 0
        shutil.rmtree(tmp_path / ".musa")
        done = run(tmp_path)
        assert "is pinned and not in the cache" in done.stderr and "run once with --fetch" in done.stderr
        pages.texts["/types.yaml"] = TYPES + "# another\n"
        done = run(tmp_path, "--fetch")
        assert done.returncode == 2
        assert "models/app/app.yaml:2:11: error[W008]: import" in done.stderr and "is not what was pinned" in done.stderr
        assert "remove the entry at models/app/imports.lock:4:10 and run with --fetch" in done.stderr
        (tmp_path / "models/app/imports.lock").unlink()
        assert run(tmp_path, "--fetch").returncode == 0


def test_a_cache_that_somebody_changed_is_no_cache(tmp_path: Path) -> None:
    with served(Pages({"/types.yaml": TYPES})) as pages:
        model(tmp_path, pages.url + "/types.yaml")
        assert run(tmp_path, "--fetch").returncode == 0
        (cached,) = (tmp_path / ".musa/imports").iterdir()
        cached.write_text("node_types: {evil: {}}\n")
        (tmp_path / ".musa/app.json").unlink()
        assert run(tmp_path, "--fetch").returncode == 0
        assert cached.read_text() == TYPES
        assert len(pages.asked) == 2


def test_a_server_that_nobody_vouches_for_is_not_believed(tmp_path: Path) -> None:
    with served(Pages({"/types.yaml": TYPES}), Authority(tmp_path / "keys").issue("types")) as pages:
        done = run(model(tmp_path, pages.url + "/types.yaml"), "--fetch")
    assert "warning[W009]: import" in done.stderr and "certificate is not trusted" in done.stderr
    assert pages.asked == []


def test_files_of_the_network_import_their_neighbours_and_no_private_address(tmp_path: Path) -> None:
    with served(Pages()) as pages:
        private = pages.url.replace("127.0.0.1", "localhost") + "/inside.yaml"
        pages.texts["/a/types.yaml"] = "imports: [../b/more.yaml, '" + private + "']\n" + TYPES
        pages.texts["/b/more.yaml"] = "node_types: {acme.nodes.More: {derived_from: tosca.nodes.Root}}\n"
        done = run(model(tmp_path, pages.url + "/a/types.yaml"), "--fetch")
    assert pages.asked == ["/a/types.yaml", "/b/more.yaml"]
    assert "leads to 'localhost', a private address that your own files do not name" in done.stderr


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("file:///etc/passwd", "leads on from http to file|is at a 'file' address"),
        ("ftp://127.0.0.1/types.yaml", "is at a 'ftp' address"),
        ("http://localhost:{port}/types.yaml", "a private address that your own files do not name"),
        ("http://169.254.169.254/latest/meta-data", "a private address that your own files do not name"),
        ("http://[::ffff:127.0.0.1]:{port}/types.yaml", "a private address that your own files do not name"),
        ("/there", "leads on more than 5 times"),
        ("http://[half/", "leads to what is no address|is no address"),
    ],
)
def test_a_redirect_leads_to_no_other_scheme_and_no_private_place(target: str, said: str) -> None:
    with served(Pages()) as pages:
        pages.redirects["/there"] = target.replace("{port}", pages.url.rpartition(":")[2])
        with pytest.raises(NotFetched, match=said):
            download(pages.url + "/there", named=HERE)


def test_a_redirect_to_the_same_place_is_followed() -> None:
    with served(Pages({"/types.yaml": TYPES})) as pages:
        pages.redirects["/old"] = "/types.yaml"
        assert download(pages.url + "/old", named=HERE) == TYPES.encode()


def test_from_tls_nothing_leads_to_plain_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    with served(Pages({"/types.yaml": TYPES})) as plain, served(Pages(), authority.issue("a")) as tls:
        tls.redirects["/there"] = plain.url + "/types.yaml"
        with pytest.raises(NotFetched, match="leads on from https to http, which is not followed"):
            download(tls.url + "/there", named=HERE)
        plain.redirects["/up"] = tls.url + "/types.yaml"
        tls.texts["/types.yaml"] = TYPES
        assert download(plain.url + "/up", named=HERE) == TYPES.encode()
    assert plain.asked == ["/up"]


@pytest.mark.parametrize("form", ["{}", "http://{}", "http://me:word@{}"])
def test_a_proxy_of_the_environment_is_asked_for_the_whole_address(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    address = "http://types.example.org/types.yaml"
    with served(Pages({address: TYPES})) as pages:
        monkeypatch.setenv("http_proxy", form.format(pages.url.removeprefix("http://")))
        assert download(address, named=HERE) == TYPES.encode()
        with pytest.raises(NotFetched, match="a private address that your own files do not name"):
            download("http://10.0.0.1/x", named=HERE)
    assert pages.asked == [address]
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:many")
    with pytest.raises(NotFetched, match="the proxy of the environment is no address"):
        download(address, named=HERE)


def test_size_and_time_are_bounded() -> None:
    with served(Pages({"/large": "x" * 5_000}, slow={"/slow"})) as pages:
        with pytest.raises(NotFetched, match="has more than 1000 octets"):
            download(pages.url + "/large", named=HERE, largest=1_000)
        with pytest.raises(NotFetched, match="did not come in time"):
            download(pages.url + "/slow", named=HERE, seconds=0.5)
        with pytest.raises(NotFetched, match="is not there: the server answers 404"):
            download(pages.url + "/gone", named=HERE)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "http://no.such.host.invalid/x", "http://127.0.0.1:99999/", "http://"])
def test_what_is_no_server_is_a_sentence(url: str) -> None:
    with pytest.raises(NotFetched):
        download(url, named=HERE)


def test_a_password_in_an_address_is_neither_sent_nor_shown(tmp_path: Path) -> None:
    with served(Pages({"/types.yaml": TYPES})) as pages:
        url = pages.url.replace("//", "//me:hunter2@") + "/types.yaml"
        done = run(model(tmp_path, url), "--fetch")
    assert pages.asked == []
    assert "has a password in its address" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


def test_an_address_may_be_a_file_of_a_folder_of_types(tmp_path: Path) -> None:
    model(tmp_path, "https://example.org/raw/main/acme/types.yaml")
    lay_out(tmp_path, vendor__acme__types_yaml=TYPES, vendor__other__types_yaml="node_types: {}\n")
    done = run(tmp_path, "--catalog", "vendor")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_lock_that_is_none_is_told_with_its_place(tmp_path: Path) -> None:
    model(tmp_path, "https://example.org/types.yaml")
    (tmp_path / "models/app/imports.lock").write_text("imports:\n  - url: x\n    sha256: 12\n    size: 1\n")
    done = run(tmp_path)
    assert done.returncode == 2
    assert "models/app/imports.lock:2:5: error[W010]: the lock needs url, sha256 (64 hex digits) and size" in done.stderr
