"""Chinese and English: the user's own choice, then the cookie's, then the browser's."""

from __future__ import annotations

import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask, g, request
from flask_babel import Babel

from ccc.web.auth import rights

LANGUAGES = {"zh": "中文", "en": "English"}
COOKIE = "ccc_lang"
FALLBACK = "en"
DEFAULT_ZONE = "Asia/Shanghai"
"""Of console pages for somebody who is in no instance."""


def set_up(app: Flask) -> None:
    """Initialise Flask-Babel with our translations (in ``translations/``; message ids are the English texts)."""
    app.config["BABEL_DEFAULT_LOCALE"] = FALLBACK
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(Path(__file__).parent / "translations")
    Babel(app, locale_selector=language)


def language() -> str:
    """``zh`` or ``en`` for this request."""
    if "language" not in g:
        profile = rights.profile_or_none()
        choices = (profile.language if profile is not None else "", request.cookies.get(COOKIE, ""))
        chosen = next((one for one in choices if one in LANGUAGES), "")
        g.language = chosen or request.accept_languages.best_match(list(LANGUAGES)) or FALLBACK
    return str(g.language)


def in_zone(moment: datetime.datetime) -> datetime.datetime:
    """``moment`` (UTC) on the instance's wall clock."""
    place = rights.place_or_none()
    return moment.astimezone(ZoneInfo(place.timezone if place is not None else DEFAULT_ZONE))
