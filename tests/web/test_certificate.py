"""The self-signed certificate: private, kept, renewed in time, and one that clients take."""

import ipaddress
import os
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from inkling.errors import InvalidInput
from inkling.web.certificate import LASTS, RENEWED_BEFORE, WRONG_CLOCK, certificate_for

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def names(path: Path) -> list[object]:
    found = x509.load_pem_x509_certificate(path.read_bytes())
    known = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [name.value for name in known]


def test_it_is_made_once_and_its_owner_alone_may_read_it(tmp_path: Path) -> None:
    path = certificate_for("127.0.0.1", tmp_path / "instance", NOW)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    before = path.read_bytes()
    assert certificate_for("127.0.0.1", tmp_path / "instance", NOW).read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["https.pem"]


def test_it_is_for_this_machine_and_the_address_served(tmp_path: Path) -> None:
    assert {"localhost", ipaddress.ip_address("::1")} <= {*names(certificate_for("::1", tmp_path))}
    path = certificate_for("192.0.2.7", tmp_path)
    assert ipaddress.ip_address("192.0.2.7") in names(path)
    before = path.read_bytes()
    for host in ("0.0.0.0", "::", "localhost"):  # noqa: S104
        assert certificate_for(host, tmp_path).read_bytes() == before
    assert "digits.example.org" in names(certificate_for("Digits.example.org", tmp_path))


@pytest.mark.parametrize(
    ("later", "kept"),
    [
        (timedelta(0), True),
        (LASTS - WRONG_CLOCK - RENEWED_BEFORE - timedelta(hours=1), True),
        (LASTS - WRONG_CLOCK - RENEWED_BEFORE + timedelta(hours=1), False),
        (LASTS * 3, False),
        (-timedelta(days=2), False),
    ],
)
def test_it_is_renewed_when_it_is_about_to_end(
    tmp_path: Path, later: timedelta, kept: bool
) -> None:
    before = certificate_for("localhost", tmp_path, NOW).read_bytes()
    after = certificate_for("localhost", tmp_path, NOW + later).read_bytes()
    assert (before == after) is kept


def spoil_mode(path: Path) -> None:
    path.chmod(0o644)


def spoil_key(path: Path) -> None:
    other = certificate_for("localhost", path.parent / "other").read_text()
    path.write_text(other.partition("-----BEGIN CERT")[0] + path.read_text()[241:])


def spoil_all(path: Path) -> None:
    path.write_bytes(os.urandom(900))


def spoil_end(path: Path) -> None:
    path.write_text(path.read_text()[:500])


@pytest.mark.parametrize("spoil", [spoil_mode, spoil_key, spoil_all, spoil_end])
def test_what_cannot_be_used_is_made_anew(tmp_path: Path, spoil: object) -> None:
    path = certificate_for("localhost", tmp_path / "instance")
    assert callable(spoil)
    spoil(path)
    before = path.read_bytes()
    certificate_for("localhost", tmp_path / "instance")
    assert path.read_bytes() != before
    assert path.stat().st_mode & 0o777 == 0o600
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path)


def test_where_it_cannot_be_kept_is_told(tmp_path: Path) -> None:
    (tmp_path / "https.pem").mkdir()
    with pytest.raises(InvalidInput, match="is a folder"):
        certificate_for("localhost", tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match="cannot be made"):
        certificate_for("localhost", tmp_path / "file")


def test_a_client_that_checks_strictly_takes_it(tmp_path: Path) -> None:
    path = certificate_for("localhost", tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    client = ssl.create_default_context(cafile=str(path))
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    here, there = socket.socketpair()
    with here, there:
        thread = threading.Thread(
            target=lambda: server.wrap_socket(there, server_side=True).close()
        )
        thread.start()
        with client.wrap_socket(here, server_hostname="127.0.0.1") as secure:
            assert secure.version() == "TLSv1.3"
        thread.join()
