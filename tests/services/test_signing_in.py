"""Second factor, sessions, forgotten passwords, the first owner."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from ccc.errors import CccError, ConflictError, ForbiddenError, InvalidError, NotFoundError
from ccc.home import Home
from ccc.services import first_owner, password_reset, sealed, sessions, totp, two_factor, users, where_signed_in
from ccc.services.actor import SYSTEM, Actor
from ccc.services.password_reset import Mail
from ccc.store import Store, open_store, upgrade
from ccc.store.repos import audit, notices
from ccc.store.repos import two_factor as factors
from ccc.store.repos import users as repo

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
BOB = Actor("bob", {"demo": "agent"}, account="acme")
ADMIN = Actor("boss", {"demo": "admin"}, account="acme")
OWNER = Actor("own", {}, account="acme", account_role="owner")


@pytest.fixture
def bob(store: Store) -> Store:
    users.add_user(store, SYSTEM, "bob", "password1", instance="demo", email="bob@example.com")
    return store


def enrol(store: Store, now: datetime = NOW) -> tuple[str, tuple[str, ...]]:
    """Bob's secret in the clear, his recovery codes."""
    secret = two_factor.begin(store.home)
    plain = sealed.unseal(store.home, secret)
    code = totp.code_at(plain, totp.counter_at(now.timestamp()))
    return plain, two_factor.turn_on(store, BOB, secret, code, now)


def test_a_code_works_once_and_a_recovery_code_too(bob: Store) -> None:
    plain, recovery = enrol(bob)
    later = NOW + timedelta(minutes=1)
    code = totp.code_at(plain, totp.counter_at(later.timestamp()))
    assert two_factor.check(bob, "bob", f" {code[:3]} {code[3:]} ", later)
    assert not two_factor.check(bob, "bob", code, later), "seen over a shoulder"
    assert len(set(recovery)) == two_factor.RECOVERY_CODES
    assert two_factor.check(bob, "bob", recovery[3].upper().replace("-", " "), later)
    assert not two_factor.check(bob, "bob", recovery[3], later)
    assert two_factor.codes_left(bob, BOB) == two_factor.RECOVERY_CODES - 1
    for wrong in ("", "000000x", "٠٠٠٠٠٠", "密码"):
        assert not two_factor.check(bob, "bob", wrong, later)
    with bob.read() as session:
        stored = factors.get(session, "bob")
        told = str([(entry.action, entry.detail, entry.after) for entry in audit.find(session)])
    assert stored is not None and plain not in stored.secret and recovery[0] not in stored.recovery
    assert plain not in told and "user.recovery-code-used" in told


def test_the_first_code_must_be_right_and_it_is_on_only_once(bob: Store) -> None:
    with pytest.raises(InvalidError) as caught:
        two_factor.turn_on(bob, BOB, two_factor.begin(bob.home), "abc", NOW)
    assert caught.value.field == "code"
    enrol(bob)
    with pytest.raises(ConflictError):
        enrol(bob)


def test_new_recovery_codes_replace_the_old(bob: Store) -> None:
    with pytest.raises(NotFoundError):
        two_factor.new_recovery_codes(bob, BOB)
    _, old = enrol(bob)
    new = two_factor.new_recovery_codes(bob, BOB)
    assert not two_factor.check(bob, "bob", old[0], NOW) and two_factor.check(bob, "bob", new[0], NOW)


def test_who_may_reset_it(bob: Store) -> None:
    enrol(bob)
    for actor, error in ((Actor("eve", {"other": "admin"}), NotFoundError), (BOB, NotFoundError)):
        with pytest.raises(error):
            two_factor.reset(bob, actor, "bob")
    two_factor.reset(bob, ADMIN, "bob")
    assert not two_factor.check(bob, "bob", "000000", NOW)
    with pytest.raises(NotFoundError, match="no second factor"):
        two_factor.reset(bob, SYSTEM, "bob")


@pytest.mark.parametrize(
    ("level", "account_role", "role", "must"),
    [
        ("", "owner", "admin", False),
        ("admin", "owner", "", True),
        ("admin", "manager", "", True),
        ("admin", "", "admin", True),
        ("admin", "", "supervisor", False),
        ("supervisor", "", "supervisor", True),
        ("supervisor", "", "agent", False),
    ],
)
def test_who_must_have_it(level: str, account_role: str, role: str, must: bool) -> None:
    assert two_factor.required_of(level, account_role, {"demo": role} if role else {}) is must


def test_only_the_owner_requires_it_and_then_it_stays(bob: Store) -> None:
    for actor in (ADMIN, Actor("m", account="acme", account_role="manager")):
        with pytest.raises(ForbiddenError):
            two_factor.set_required(bob, actor, "acme", "admin")
    with pytest.raises(NotFoundError):
        two_factor.set_required(bob, Actor("x", account="else", account_role="owner"), "acme", "admin")
    two_factor.set_required(bob, OWNER, "acme", "admin")
    users.set_role(bob, SYSTEM, "bob", "demo", "admin")
    profile = sessions.sign_in(bob, "bob", "password1", "")
    assert profile is not None and profile.two_factor_due
    enrol(bob)
    with pytest.raises(ForbiddenError):
        two_factor.turn_off(bob, BOB)
    users.set_role(bob, SYSTEM, "bob", "demo", "agent")
    two_factor.turn_off(bob, BOB)


def test_the_password_alone_is_no_sign_in(bob: Store) -> None:
    plain, _ = enrol(bob, datetime.now(UTC) - timedelta(minutes=5))
    profile = sessions.sign_in(bob, "bob", "password1", "10.0.0.1")
    assert profile is not None and profile.two_factor
    code = totp.code_at(plain, totp.counter_at(datetime.now(UTC).timestamp()))
    assert sessions.second_step(bob, profile.key, "wrong", "10.0.0.1") is None
    assert sessions.second_step(bob, profile.key, code, "10.0.0.1") is not None
    with bob.read() as session:
        actions = [(entry.action, entry.detail) for entry in audit.find(session, limit=2)]
    assert actions == [("user.sign-in", {}), ("user.sign-in-failed", {"step": "code"})]


def test_sessions_end_one_others_all(bob: Store) -> None:
    user = users.verify_password(bob, "bob", "password1")
    assert user is not None
    for key in ("a", "b", "c"):
        where_signed_in.touch(bob, "bob", key, "10.0.0.1", "Firefox/128.0")
    assert {item.id for item in where_signed_in.mine(bob, BOB)} == {"a", "b", "c"}
    where_signed_in.end(bob, BOB, "a")
    assert sessions.profile(bob, user.fs_uniquifier, "a") is None
    assert sessions.profile(bob, user.fs_uniquifier, "b") is not None
    with pytest.raises(NotFoundError):
        where_signed_in.end(bob, BOB, "a")
    with pytest.raises(NotFoundError):
        where_signed_in.end(bob, ADMIN_USER, "b")
    assert where_signed_in.end_others(bob, BOB, "c") == 1
    assert [item.id for item in where_signed_in.mine(bob, BOB)] == ["c"]
    assert sessions.profile(bob, user.fs_uniquifier, "not noted yet") is not None
    users.set_active(bob, SYSTEM, "bob", False)
    assert where_signed_in.mine(bob, BOB) == []
    assert where_signed_in.forget_old(bob, datetime.now(UTC) + timedelta(days=3)) == 3


ADMIN_USER = Actor("other", {"demo": "agent"}, account="acme")


@pytest.fixture(autouse=True)
def other(store: Store) -> None:
    users.add_user(store, SYSTEM, "other", "password1", instance="demo")


def test_the_own_password_keeps_this_session_and_ends_the_others(bob: Store) -> None:
    for key in ("here", "there"):
        where_signed_in.touch(bob, "bob", key, "", "")
    with pytest.raises(InvalidError) as caught:
        users.change_password(bob, BOB, "wrong", "password2", "here")
    assert caught.value.field == "password"
    key = users.change_password(bob, BOB, "password1", "password2", "here")
    assert sessions.profile(bob, key, "here") is not None
    assert sessions.profile(bob, key, "there") is None


def test_the_own_address_needs_the_password(bob: Store) -> None:
    users.change_self(bob, BOB, "Robert", "bob@example.com", "")
    with pytest.raises(InvalidError) as caught:
        users.change_self(bob, BOB, "Robert", "new@example.com", "")
    assert caught.value.field == "password"
    users.change_self(bob, BOB, "Robert", "new@example.com", "password1")
    profile = sessions.sign_in(bob, "bob", "password1", "")
    assert profile is not None and (profile.name, profile.email) == ("Robert", "new@example.com")


# Forgotten passwords -------------------------------------------------------------------------


def ask(store: Store, login: str, now: datetime = NOW) -> str:
    """The code that was mailed; '' when none was."""
    codes = []
    password_reset.ask(store, login, lambda user, code: Mail("s", codes.append(code) or code), now)  # type: ignore[func-returns-value]
    return codes[0] if codes else ""


def test_a_code_by_mail_sets_the_password_once(bob: Store) -> None:
    where_signed_in.touch(bob, "bob", "a", "", "")
    code = ask(bob, "bob@example.com")
    with bob.read() as session:
        (mail,) = notices.due(session, NOW)
    assert (mail.to, mail.text, mail.expires_at) == ("bob@example.com", code, NOW + timedelta(hours=1))
    with pytest.raises(InvalidError) as caught:
        password_reset.reset(bob, code, "short", NOW)
    assert caught.value.field == "password"
    assert password_reset.reset(bob, code.upper(), "password2", NOW) == "bob"
    assert users.verify_password(bob, "bob", "password2") is not None
    assert where_signed_in.mine(bob, BOB) == []
    with pytest.raises(InvalidError) as caught:
        password_reset.reset(bob, code, "password3", NOW)
    assert caught.value.field == "code"


def test_codes_age_and_die_with_another_change(bob: Store) -> None:
    code = ask(bob, "bob")
    with pytest.raises(InvalidError):
        password_reset.reset(bob, code, "password2", NOW + timedelta(minutes=61))
    users.set_password(bob, SYSTEM, "bob", "password3")
    with pytest.raises(InvalidError):
        password_reset.reset(bob, code, "password2", NOW)
    code = ask(bob, "bob")
    users.set_active(bob, SYSTEM, "bob", False)
    with pytest.raises(InvalidError):
        password_reset.reset(bob, code, "password2", NOW)


def test_nobody_gets_mail_who_should_not(bob: Store) -> None:
    assert [ask(bob, login) for login in ("nobody", "other", "no@example.com", "")] == [""] * 4
    assert [bool(ask(bob, "bob")) for _ in range(7)] == [True] * 5 + [False] * 2, "no mailbox is filled"
    assert ask(bob, "bob", NOW + timedelta(hours=2))


# The first owner -----------------------------------------------------------------------------


@pytest.fixture
def empty(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    home = Home(tmp_path_factory.mktemp("empty"))
    upgrade(home)
    store = open_store(home)
    yield store
    store.close()


def make(store: Store, name: str, code: str | None = None) -> None:
    given = first_owner.code(store.home) if code is None else code
    first_owner.create(store, given, "Acme", name, "password1", email=f"{name}@example.com")


def test_the_first_owner_needs_the_code(empty: Store) -> None:
    assert first_owner.needed(empty)
    for wrong in ("", "abcd-abcd-abcd-abcd", first_owner.code(empty.home)[:-1]):
        with pytest.raises(ForbiddenError):
            make(empty, "own", wrong)
    assert first_owner.needed(empty)
    make(empty, "own", " " + first_owner.code(empty.home).upper().replace("-", "") + "\n")
    assert not first_owner.needed(empty)
    with empty.read() as session:
        user = repo.get(session, "own")
    assert user is not None and (user.account_role, user.account, user.roles) == ("owner", "main", {})
    with pytest.raises(ConflictError):
        make(empty, "second")


def test_of_two_at_once_one_wins(empty: Store) -> None:
    results: list[str] = []

    def run(name: str) -> None:
        try:
            make(empty, name)
            results.append("won")
        except CccError as error:
            results.append(error.code)

    threads = [threading.Thread(target=run, args=(name,)) for name in ("one", "two", "three")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["conflict", "conflict", "won"]


def test_a_refusal_makes_nothing(empty: Store) -> None:
    with pytest.raises(InvalidError):
        first_owner.create(empty, first_owner.code(empty.home), "Acme", "own", "short")
    with pytest.raises(InvalidError):
        first_owner.create(empty, first_owner.code(empty.home), "Acme", "own", "password1", email="nonsense")
    assert first_owner.needed(empty)
    make(empty, "own")
