"""The stock detector: what it knows by its form, and the ordinary texts that it leaves alone."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.playbooks.sensitive.personal import luhn
from ace.playbooks.sensitive.stock import stock

ROOT = Path(__file__).resolve().parents[3]
KNOWN = {
    "API key": (
        "sk-proj-abc123DEF456ghi789JKL012mno345", "sk-ant-api03-AbCd1234EfGh5678IjKl9012MnOp", "AKIAIOSFODNN7EXAMPLE",
        "AIzaSyD-1234567890abcdefghijklmnopqrstuv", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "glpat-abcdefghij1234567890",
        "github_pat_11ABCDEFG0123456789abcdefghij", "xoxb-123456789012-abcdefABCDEF", "sk_" + "live_4eC39HqLyjWDarjtT1zdp7dc",
        "hf_abcdefghijklmnopqrstuvwxyzABCDEFGH", "Bearer abcdef0123456789abcdef0123",
    ),
    "private key": ("-----BEGIN RSA PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----", "-----BEGIN OPENSSH PRIVATE KEY-----"),
    "JSON web token": ("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",),
    "password in a URL": (
        "postgres://admin:hunter2@db.local/x", "https://user:password@host/", "redis://:s3cr3t@cache:6379",
        "https://api.shop.com/v1?api_key=9f8Ae7d6C5b4",
    ),
    "password": ("password is Sommer2024!", "Password: hunter2", "api_key=abc123def456ghi7", "client_secret: Zk3-9fQwe81-x"),
    "credit card number": (
        "4111 1111 1111 1111", "4111111111111111", "5500-0000-0000-0004", "378282246310005", "3782 822463 10005",
        "6011111111111117", "3530111333300000",
    ),
    "IBAN": (
        "DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "NL91ABNA0417164300", "de89370400440532013000",
        "FR1420041010050500013M02606",
    ),
    "e-mail address": ("jane.doe@example.com", "ada+x@mail.co.uk", "o_brien-1@sub.firm.travel"),
    "phone number": (
        "+49 30 901820", "+1 (415) 555-2671", "(415) 555-2671", "415-555-2671", "+14155552671", "call 030 1234567",
        "555-123-4567",
        "+44 20 7946 0958", "0049 30 1234567", "phone: 0171/2345678", "+33 1 23 45 67 89", "Tel. 555-0199", "+49(0)30 901820",
    ),
    "US social security number": ("123-45-6789", "SSN 123456789"),
}  # fmt: skip
ORDINARY = (
    "order 1234567890123456", "order 4111111111111112", "2-10 kg", "2026-11-29", "2026-11-29T10:00:00Z", "v1.2.3-rc.4",
    "python 3.11.7", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", "550e8400-e29b-41d4-a716-446655440000", "+5 points", "+10 %", "+1000000",
    "1,234,567.89", "192.168.1.100", "10.0.0.1:8080", "ISBN 978-3-16-148410-0", "tracking 1Z999AA10123456784",
    "SKU AB-12-3456", "100-20-30", "12-34-5678", "the password is wrong", "reset the password: follow the link",
    "the token is expired", "use the API key from the environment", "max_tokens=16384",
    "api_key=os.environ['OPENAI_API_KEY']", "password=<your password>", "https://host/path?id=1234567",
    "https://${USER}:${PASS}@host", "@app.route('/x')", "react@18.2.0", "logo@2x.png", "git@github.com:org/repo.git",
    "case 12345-67890", "0.123456789012345", "call us within 14 days", "call 911", "phone numbers have 10 digits",
    "2024/01/02 10:11:12", "1000 2000 3000 4000", "00:11:22:33:44:55", "timestamp 1700000000", "id 4000000000000000",
    "Bearer authentication", "sk-learn", "password: at least 8 characters", "Bearer tokens expire after 3600 seconds",
    "token: refresh_token_v2", "FR-2024-000123", "DE123456789", "ticket 2024-555-1234", "ratio 1:100000000",
    "INV-2024-11-0001", "[ref-0a1b2c3d4e]", "e-1234567890abcdef", "run r-hp1zcwoa", "order 0012345678901", "7 of 8, 10 of 12",
)  # fmt: skip


@pytest.mark.parametrize("kind", KNOWN)
def test_what_has_the_form_of_a_secret_or_of_personal_data_is_told_by_its_kind(kind: str) -> None:
    for form in ("{}", "Tell {} to them.", "({}).", "use {}, then refund", "see\t{}"):
        told = {text: stock(form.format(text)) for text in KNOWN[kind]}
        assert {text: found for text, found in told.items() if found != [kind]} == {}, form


def test_ordinary_texts_are_left_alone() -> None:
    for form in ("{}", "If {} then refund.", "({}).", "take {}, and wait"):
        assert {text: found for text in ORDINARY if (found := stock(form.format(text)))} == {}, form


def lines() -> list[str]:
    """Lines of texts in this repository, and of real data where it is there."""
    data = Path(os.environ.get("ACE_DATA", ROOT.parent / "shared" / "data"))
    files = [
        *(ROOT / "docs").glob("*.md"),
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
        *data.rglob("*.jsonl"),
        *data.rglob("*.md"),
    ]
    return [line for path in files for line in path.read_text(encoding="utf-8", errors="replace").splitlines()[:400]]


def test_real_texts_raise_hardly_an_alarm() -> None:
    """At most one line in a thousand; pages that explain what is detected are among them."""
    found = [line for line in lines() if stock(line[:2000])]
    assert len(found) <= len(lines()) / 1000, found


@given(st.text(max_size=300))
def test_no_text_is_too_odd(text: str) -> None:
    stock(text)


@given(st.from_regex(r"4\d{14}", fullmatch=True))
def test_a_card_number_counts_with_its_check_digit_alone(digits: str) -> None:
    right = next(str(d) for d in range(10) if luhn(f"{digits}{d}"))
    for last in "0123456789":
        assert stock(f"card {digits}{last}") == (["credit card number"] if last == right else [])


def test_a_long_text_takes_no_time() -> None:
    for piece in (
        "a@",
        "1-",
        "+1 ",
        "https://a:",
        "eyJ",
        "DE12 3456 ",
        "password is ",
        "sk-",
        "12 ",
        "(1) ",
        "a.b@c.",
        "-----BEGIN ",
    ):
        text, began = piece * (4000 // len(piece)), time.process_time()
        stock(text)
        assert time.process_time() - began < 2, piece
