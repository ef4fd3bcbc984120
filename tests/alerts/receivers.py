"""A webhook and a mail server on loopback that keep what they are sent."""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Hook(ThreadingHTTPServer):
    """Answers with the next of ``answers`` (the last one goes on), and keeps headers and bodies."""

    def __init__(self, *answers: int) -> None:
        self.answers = list(answers) or [200]
        self.got: list[tuple[dict[str, str], bytes]] = []
        super().__init__(("127.0.0.1", 0), _Post)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook"


class _Post(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body))
        answers = self.server.answers
        self.send_response(answers.pop(0) if len(answers) > 1 else answers[0])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class MailServer(socketserver.ThreadingTCPServer):
    """The least of SMTP, with STARTTLS and a login; ``got`` has the mails, ``login`` what was offered."""

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self.context = context
        self.got: list[str] = []
        self.login: list[str] = []
        self.encrypted: list[bool] = []
        super().__init__(("127.0.0.1", 0), _Talk)

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Talk(socketserver.BaseRequestHandler):
    server: MailServer

    def handle(self) -> None:
        connection, secure = self.request, False
        stream = connection.makefile("rwb")

        def answer(text: str) -> None:
            stream.write(f"{text}\r\n".encode())
            stream.flush()

        answer("220 test")
        while line := stream.readline().decode().strip():
            word = line.split()[0].upper()
            if word == "EHLO":
                extra = "250-AUTH PLAIN\r\n" if secure else "250-STARTTLS\r\n" if self.server.context else ""
                answer(f"250-test\r\n{extra}250 8BITMIME")
            elif word == "STARTTLS" and self.server.context:
                answer("220 go on")
                connection = self.server.context.wrap_socket(connection, server_side=True)
                stream, secure = connection.makefile("rwb"), True
            elif word == "AUTH":
                self.server.login.append(line)
                answer("235 yes")
            elif word == "DATA":
                answer("354 go on")
                text = ""
                while (part := stream.readline().decode()) != ".\r\n":
                    text += part
                self.server.got.append(text)
                self.server.encrypted.append(secure)
                answer("250 taken")
            elif word == "QUIT":
                answer("221 bye")
                break
            else:
                answer("250 ok")
        stream.close()
        connection.close()


@contextmanager
def running(server: Any) -> Iterator[Any]:
    """Serve until the end of the block."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate of 127.0.0.1 that signs itself, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, secret = folder / "public.pem", folder / "secret.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, secret)
    return public, context
