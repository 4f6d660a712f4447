"""Actions on users that two pages share: a new password, reset of the second factor, disable, enable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext, ngettext

from ccc.services import passwords, two_factor, users
from ccc.web.admin.actions import Done, Question, Undo, each
from ccc.web.admin.words import PasswordForm, password_once
from ccc.web.auth import rights


class SignInActions:
    """Mixed into a page whose keys are user names; the services know who may."""

    load: Any
    name_of: Any

    def ask_password(self, keys: Sequence[str]) -> Question:
        """Whose password; the form asks for it."""
        title = gettext("New password for %(name)s", name=self.name_of(self.load(keys[0])))
        return Question(title, gettext("Whoever is signed in with the old one is signed out."))

    def do_password(self, keys: Sequence[str], form: PasswordForm) -> Done:
        """Set it; a made-up one is shown once."""
        password = form.password.data or passwords.random_password()
        users.set_password(rights.store(), rights.actor(), keys[0], password)
        text = gettext("Password of %(name)s set.", name=keys[0])
        return Done(text, keys[0], panel="" if form.password.data else password_once(text, keys[0], password))

    def ask_two_factor_reset(self, keys: Sequence[str]) -> Question:
        """For somebody who lost the telephone and the recovery codes."""
        return Question(
            gettext("Reset two-factor sign-in of %(name)s?", name=self.name_of(self.load(keys[0]))),
            gettext("The password alone is enough then. Make sure that it is really this person who asks."),
            confirm=gettext("Reset"),
        )

    def do_two_factor_reset(self, keys: Sequence[str], _form: None) -> Done:
        """The password alone is enough until it is set up anew."""
        two_factor.reset(rights.store(), rights.actor(), keys[0])
        return Done(gettext("Two-factor sign-in of %(name)s reset.", name=keys[0]), keys[0])

    def ask_disable(self, keys: Sequence[str]) -> Question:
        """What being disabled means."""
        return Question(
            ngettext("Disable %(num)d user?", "Disable %(num)d users?", len(keys)),
            gettext("Signed out at once everywhere, offline for calls; a call in progress ends. Nothing is deleted."),
            [(self.name_of(self.load(key)), key) for key in keys],
        )

    def do_disable(self, keys: Sequence[str], _form: None) -> Done:
        """Sessions end, sockets close, offline at once."""
        problems = each(keys, lambda key: users.set_active(rights.store(), rights.actor(), key, False))
        done = [key for key in keys if not any(item.startswith(f"{key}: ") for item in problems)]
        text = ngettext("%(num)d user disabled.", "%(num)d users disabled.", len(done))
        return Done(text, undo=Undo("enable", done), problems=problems)

    def do_enable(self, keys: Sequence[str], _form: None) -> Done:
        """They may sign in again."""
        problems = each(keys, lambda key: users.set_active(rights.store(), rights.actor(), key, True))
        text = ngettext("%(num)d user enabled.", "%(num)d users enabled.", len(keys) - len(problems))
        return Done(text, problems=problems)
