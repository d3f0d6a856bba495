"""The self-signed certificate of `python main.py -s`: made at first use, renewed before its end."""

import ipaddress
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from inkling.errors import InvalidInput
from inkling.files import own_folder, whole_file

FILE = "https.pem"
LASTS, RENEWED_BEFORE = timedelta(days=397), timedelta(days=30)  # browsers take no longer ones
WRONG_CLOCK = timedelta(days=1)  # that a client's may be behind
NAMES = ("localhost", "127.0.0.1", "::1")  # it is always for these


def certificate_for(host: str, folder: Path, now: datetime | None = None) -> Path:
    """Return the file with the private key and the certificate, made where there is none yet.

    It is also made anew where it ends within a month, is not for this host, or cannot be read. Both
    are in one file, so that they always belong together, and only its owner may read it.

    Raises InvalidInput where it cannot be written.
    """
    now = now or datetime.now(UTC)
    own_folder(folder)
    path = folder / FILE
    names = _names(host)
    if not _is_good(path, names, now):
        try:
            with whole_file(path, wait=True, private=True) as file:
                file.write(_make(names, now))
        except OSError as error:
            raise InvalidInput(
                f"The certificate {path} cannot be written ({error.strerror}).",
                "Allow it, or name another folder: INSTANCE_FOLDER.",
            ) from error
    return path


def _names(host: str) -> list[x509.GeneralName]:
    """Return who a server on this host is to its clients: names and addresses."""
    found = dict.fromkeys([*NAMES, socket.gethostname().lower(), host.lower()])
    return [name for text in found if (name := _name(text)) is not None]


def _name(text: str) -> x509.GeneralName | None:
    """Return a name or an address; None for one of every interface, or that is no ASCII."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
        return None if address.is_unspecified else x509.IPAddress(address)
    except ValueError:
        return x509.DNSName(text) if text and text.isascii() else None


def _is_good(path: Path, names: list[x509.GeneralName], now: datetime) -> bool:
    """Whether the file has a key and a certificate that is for these names and lasts a while."""
    try:
        content = path.read_bytes()
        key = serialization.load_pem_private_key(content, password=None)
        found = x509.load_pem_x509_certificate(content)
        known = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    if path.stat().st_mode & 0o077:
        return False  # others may have read the key
    lasts = found.not_valid_before_utc <= now < found.not_valid_after_utc - RENEWED_BEFORE
    return lasts and {*names} <= {*known} and found.public_key() == key.public_key()


def _make(names: list[x509.GeneralName], now: datetime) -> bytes:
    """Return a new private key and its certificate, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())  # signs a handshake in a tenth of RSA's time
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Inkling")])
    own_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    parts: list[tuple[x509.ExtensionType, bool]] = [
        (x509.SubjectAlternativeName(names), False),
        (x509.BasicConstraints(ca=False, path_length=None), True),  # it vouches for nobody else
        (usage, True),  # signatures alone
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (own_id, False),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own_id), False),
    ]
    builder = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - WRONG_CLOCK)
        .not_valid_after(now + LASTS - WRONG_CLOCK)
    )
    for part, critical in parts:
        builder = builder.add_extension(part, critical)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),  # it must start without a person; the file is private
    )
    return private + builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
