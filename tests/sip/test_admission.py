"""Who may call: addresses, digest with stateless nonces, sources that keep failing."""

from __future__ import annotations

import pytest

from ccc.sip import digest
from ccc.sip.admission import BUDGET, CHALLENGE_COST, NONCE_S, WINDOW_S, Accept, Admission, Drop, Refuse
from ccc.sip.digest import Credentials
from ccc.sip.message import Request, parse
from ccc.snapshot.model import Trunk
from tests.sip.texts import invite_text

WIDE = Trunk("wide", "wide", "address", ("10.0.0.0/8",))
NARROW = Trunk("narrow", "narrow", "address", ("10.1.2.3/32", "2001:db8::/32"))
LOGIN = Trunk("login", "login", "digest", username="u", password_ha1=digest.ha1_of("u", "ccc", "p"), host="192.0.2.50")
OTHER = Trunk("other", "other", "digest", username="u", password_ha1=digest.ha1_of("u", "r2", "q"), realm="r2")
HOST = "198.51.100.1"


def admission(*trunks: Trunk) -> Admission:
    made = Admission(b"secret")
    made.configure(trunks)
    return made


def invite(number: int = 1, authorization: str = "", uri: str = "sip:4003@127.0.0.1:5060") -> Request:
    request = parse(invite_text(number, extra=(f"Authorization: {authorization}",) if authorization else (), uri=uri))
    assert isinstance(request, Request)
    return request


def answer(verdict: object, password: str = "p", uri: str = "sip:4003@127.0.0.1:5060", realm: str = "ccc") -> str:
    assert isinstance(verdict, Refuse)
    challenges = [digest.parse_params(text) for text in verdict.challenges]
    challenge = next(c for c in challenges if c is not None and c["realm"] == realm)
    return digest.authorization(challenge, Credentials("u", password), "INVITE", uri, 1, "cn")


def test_address_trunks_longest_prefix_wins() -> None:
    a = admission(WIDE, NARROW)
    assert a.admit(invite(), "10.9.9.9", 0) == Accept(WIDE)
    assert a.admit(invite(), "10.1.2.3", 0) == Accept(NARROW)
    assert a.admit(invite(), "2001:db8::1", 0) == Accept(NARROW)
    assert a.admit(invite(), "11.0.0.1", 0) == Refuse(403, "Forbidden")


def test_configure_replaces() -> None:
    a = admission(WIDE)
    assert a.admit(invite(), "10.9.9.9", 0) == Accept(WIDE)
    a.configure([NARROW])
    assert a.admit(invite(), "10.9.9.9", 0) == Refuse(403, "Forbidden")


def test_digest() -> None:
    a = admission(WIDE, LOGIN, OTHER)
    challenge = a.admit(invite(), HOST, 100)
    assert isinstance(challenge, Refuse)
    assert challenge.status == 401
    assert len(challenge.challenges) == 2
    assert a.admit(invite(2, answer(challenge)), HOST, 101) == Accept(LOGIN)
    assert a.admit(invite(2, answer(challenge, "q", realm="r2")), HOST, 101) == Accept(OTHER)


@pytest.mark.parametrize("password", ["", "P", "q"])
def test_wrong_password(password: str) -> None:
    a = admission(LOGIN)
    verdict = a.admit(invite(2, answer(a.admit(invite(), HOST, 100), password)), HOST, 101)
    assert isinstance(verdict, Refuse)
    assert verdict.status == 401
    assert "stale" not in verdict.challenges[0]


def test_old_and_foreign_nonces_are_stale() -> None:
    a = admission(LOGIN)
    login = answer(a.admit(invite(), HOST, 100))
    late = a.admit(invite(2, login), HOST, 101 + NONCE_S)
    assert isinstance(late, Refuse)
    assert late.challenges[0].endswith("stale=true")
    assert a.admit(invite(3, answer(late)), HOST, 102 + NONCE_S) == Accept(LOGIN)
    elsewhere = a.admit(invite(2, login), "198.51.100.2", 101)
    assert isinstance(elsewhere, Refuse)
    assert elsewhere.challenges[0].endswith("stale=true")
    reborn = Admission(b"other secret")
    reborn.configure([LOGIN])
    assert isinstance(reborn.admit(invite(2, login), HOST, 5), Refuse)


def test_credentials_for_another_number_do_not_pass() -> None:
    a = admission(LOGIN)
    login = answer(a.admit(invite(), HOST, 100))
    assert isinstance(a.admit(invite(2, login, uri="sip:009991234@127.0.0.1"), HOST, 100), Refuse)
    assert a.admit(invite(2, login, uri="sip:4003@sbc.example"), HOST, 100) == Accept(LOGIN)  # a proxy changed the host


@pytest.mark.parametrize(
    "value", ["Basic dTpw", "Digest", "Digest x", 'Digest username="u", username="u"', "Digest nonce=é", "Digest ,,"]
)
def test_unreadable_credentials_are_asked_again(value: str) -> None:
    verdict = admission(LOGIN).admit(invite(1, value), HOST, 1)
    assert isinstance(verdict, Refuse)
    assert verdict.status == 401


def test_repeated_failures_are_dropped_and_forgotten_after_the_window() -> None:
    a = admission(LOGIN)
    bad = answer(a.admit(invite(), HOST, 0), "guess")
    verdicts = [a.admit(invite(n, bad), HOST, 1) for n in range(12)]
    assert [isinstance(v, Drop) for v in verdicts] == [False] * 10 + [True] * 2
    assert isinstance(a.admit(invite(), "198.51.100.2", 1), Refuse)  # others are not concerned
    assert isinstance(a.admit(invite(), HOST, WINDOW_S), Refuse)


def test_challenges_alone_wear_out_slowly_and_success_resets() -> None:
    a = admission(LOGIN)
    for n in range(int(BUDGET / CHALLENGE_COST) - 1):
        challenge = a.admit(invite(n), HOST, 1)
    assert a.admit(invite(2, answer(challenge)), HOST, 1) == Accept(LOGIN)
    for n in range(int(BUDGET / CHALLENGE_COST)):
        assert isinstance(a.admit(invite(n), HOST, 2), Refuse)
    assert isinstance(a.admit(invite(), HOST, 2), Drop)


def test_configured_addresses_are_never_dropped() -> None:
    a = admission(WIDE, LOGIN)
    for n in range(300):
        assert isinstance(a.admit(invite(n), "192.0.2.50", 1), Refuse)
    assert not a.dropped("192.0.2.50", 1)


def test_memory_is_bounded() -> None:
    a = admission(WIDE)
    for n in range(12_000):
        a.admit(invite(), f"172.16.{n // 250}.{n % 250}", 1)
    assert len(a._spent) <= 10_000
    assert len(a._known) <= 10_000


def test_rfc2617_example() -> None:
    params = {
        "nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093", "uri": "/dir/index.html", "qop": "auth", "nc": "00000001",
        "cnonce": "0a4f113b",
    }  # fmt: skip
    ha1 = digest.ha1_of("Mufasa", "testrealm@host.com", "Circle Of Life")
    assert digest.response_of(ha1, "GET", params) == "6629fae49393a05397450978507c4ef1"


def test_rfc7616_sha256_example() -> None:
    params = {
        "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "uri": "/dir/index.html", "qop": "auth",
        "nc": "00000001", "cnonce": "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    }  # fmt: skip
    ha1 = digest.ha1_of("Mufasa", "http-auth@example.org", "Circle of Life", "SHA-256")
    expected = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
    assert digest.response_of(ha1, "GET", params, "SHA-256") == expected
