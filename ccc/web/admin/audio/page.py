"""The page 音频 (AUD-1, AUD-2)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from flask import Response, render_template, request, send_file
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from ccc.errors import CccError, InvalidError, NotFoundError
from ccc.services import audio, flows
from ccc.services.audio import AudioItem
from ccc.web import plugins
from ccc.web.admin.actions import Action, Done, Question, answer
from ccc.web.admin.audio.form import ReplaceForm, SpeakForm, UploadForm
from ccc.web.admin.crud import Empty, ListPage
from ccc.web.admin.forms import PanelForm
from ccc.web.admin.lists import Column, Filter, Listing, Query, arrange
from ccc.web.admin.page import MAX_UPLOAD, accepts_bytes, expose, is_fragment
from ccc.web.auth import rights

SOURCES = {"file": _("Uploaded"), "text": _("Spoken")}


class AudioPage(ListPage):
    """Audio of the instance."""

    endpoint_name, path, title = "audio", "/audio", _("Audio")
    readers = ("supervisor",)
    columns = (
        Column(_("Name"), "name"),
        Column(_("Preview")),
        Column(_("Length"), "seconds", "num right"),
        Column(_("Used by"), "used"),
        Column(_("Changed"), "changed"),
    )
    filters = (Filter("source", _("Source"), SOURCES.items),)
    default_sort = "name"
    search_hint = _("Name, text or flow")
    cells = "audio/_cells.html"
    toolbar = "audio/_tools.html"
    list_template = "audio/list.html"
    empty = Empty(
        _("No audio yet"),
        _("Upload a WAV, or let a text be spoken. Flows then play it by its name."),
        "speaker",
        "upload",
        _("Upload audio"),
    )
    actions = (
        Action("replace", _("Replace the file"), "upload", ask=True, form=ReplaceForm),
        Action("delete", _("Delete"), "trash", bulk=True, danger=True, ask=True),
    )

    def rows(self, query: Query) -> Listing[AudioItem]:
        found = self._items()
        if source := query.filters.get("source"):
            found = [item for item in found if bool(item.audio.text) == (source == "text")]
        return arrange(
            found,
            query,
            search=lambda row: (row.audio.name, row.audio.text, *(use.flow for use in row.used_by)),
            sort={
                "name": lambda row: row.audio.name.casefold(),
                "seconds": lambda row: row.audio.seconds,
                "used": lambda row: len(row.used_by),
                "changed": lambda row: row.audio.uploaded_at,
            },
        )

    def key_of(self, row: AudioItem) -> str:
        return row.audio.name

    @expose("/<key>/wave")
    def wave(self, key: str) -> Response:
        """The preview's bars, an SVG."""
        bars = audio.shape(self._bytes(key))
        response = Response(render_template("audio/wave.svg", bars=bars), mimetype="image/svg+xml")
        return response

    @expose("/<key>/file")
    def file(self, key: str) -> Response:
        """The sound as WAV; ``?download=1`` to keep."""
        data = audio.as_wav(self._bytes(key))
        response: Response = send_file(io.BytesIO(data), mimetype="audio/wav", conditional=True)
        if request.args.get("download"):
            response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(key)}.wav"
        return response

    @expose("/do/<action>", methods=("POST",))
    @accepts_bytes(MAX_UPLOAD)
    def do(self, action: str) -> Any:
        """Replacing takes a file."""
        return super().do(action)

    @expose("/upload", methods=("GET", "POST"))
    @accepts_bytes(MAX_UPLOAD)
    def upload(self) -> Any:
        """Panel: a WAV under a new name."""
        form = UploadForm(request.form if request.method == "POST" else None)

        def act() -> str:
            data = _sent()
            audio.add_audio(rights.store(), rights.actor(), self.instance, form.name.data or "", data)
            return str(gettext("Audio %(name)s added.", name=form.name.data))

        title = gettext("Record audio") if request.args.get("record") else gettext("Upload audio")
        return self._panel(form, self.url_for("upload"), title, act)

    @expose("/speak", methods=("GET", "POST"))
    def speak(self) -> Any:
        """Panel: a text that is spoken under a new name."""
        form = _speak_form({"speed": 1, "volume": 100})

        def act() -> str:
            name = form.name.data or ""
            audio.speak_audio(rights.store(), rights.actor(), self.instance, name, *_spoken(form))
            return str(gettext("Audio %(name)s added.", name=name))

        return self._panel(form, self.url_for("speak"), gettext("Text to audio"), act, "audio/_speak.html")

    @expose("/<key>/text", methods=("GET", "POST"))
    def speak_again(self, key: str) -> Any:
        """Panel: another text, voice, speed or volume under the same name."""
        old = audio.get_audio(rights.store(), rights.actor(), self.instance, key)
        form = _speak_form({"text": old.text, "voice": old.voice, "speed": old.speed, "volume": old.volume})
        del form.name

        def act() -> str:
            audio.speak_audio(rights.store(), rights.actor(), self.instance, key, *_spoken(form), replace=True)
            return str(gettext("Audio %(name)s replaced. Calls hear the new one at once.", name=key))

        url = self.url_for("speak_again", key=key)
        return self._panel(form, url, gettext("Text of %(name)s", name=key), act, "audio/_speak.html", key)

    @expose("/listen", methods=("POST",))
    def listen(self) -> Response:
        """The text as it would sound, a WAV; nothing is kept."""
        form = _speak_form({})
        del form.name
        if not form.validate():
            field, errors = next(iter(form.errors.items()))
            raise InvalidError(" ".join(map(str, errors)), field=field)
        data = audio.try_text(rights.store(), rights.actor(), self.instance, *_spoken(form))
        return Response(audio.as_wav(data), mimetype="audio/wav")

    def do_replace(self, keys: Sequence[str], _form: ReplaceForm) -> Done:
        self._bytes(keys[0])
        audio.add_audio(rights.store(), rights.actor(), self.instance, keys[0], _sent(), replace=True)
        return Done(gettext("Audio %(name)s replaced. Calls hear the new one at once.", name=keys[0]), keys[0])

    def ask_replace(self, keys: Sequence[str]) -> Question:
        text = gettext("Every flow that plays it says the new one at once; nothing has to be published.")
        return Question(gettext("Replace %(name)s", name=keys[0]), text, self._places(keys), gettext("Used by"))

    def ask_delete(self, keys: Sequence[str]) -> Question:
        """Refused while a flow plays it."""
        places = self._places(keys)
        if places:
            text = gettext("Change these flows first, then delete it.")
            return Question(gettext("Still used"), text, places, gettext("Used by"), refused=True)
        title = ngettext("Delete %(num)d audio?", "Delete %(num)d audios?", len(keys))
        return Question(title, gettext("The sound is lost."), [(key, "") for key in keys])

    def do_delete(self, keys: Sequence[str], _form: None) -> Done:
        for key in keys:
            audio.remove_audio(rights.store(), plugins.registry(), rights.actor(), self.instance, key)
        return Done(ngettext("%(num)d audio deleted.", "%(num)d audios deleted.", len(keys)))

    def _items(self) -> list[AudioItem]:
        registry = plugins.registry()
        return audio.list_audio(rights.store(), registry, rights.actor(), self.instance)

    def _places(self, keys: Sequence[str]) -> list[tuple[str, str]]:
        items = {item.audio.name: item for item in self._items()}
        if gone := [key for key in keys if key not in items]:
            raise NotFoundError(gettext("There is no audio %(name)s.", name=gone[0]))
        return [
            (
                use.flow,
                gettext("node %(node)s, live", node=use.node)
                if use.version
                else gettext("node %(node)s, draft", node=use.node),
            )
            for key in keys
            for use in items[key].used_by
        ]

    def _bytes(self, key: str) -> bytes:
        return audio.audio_bytes(rights.store(), rights.actor(), self.instance, key)

    def _panel(
        self, form: PanelForm, url: str, title: str, act: Any, template: str = "admin/_panel.html", key: str = ""
    ) -> Any:
        if request.method == "GET":
            if not is_fragment():
                return self._on_list()
            return self._shown(form, url, title, template)
        if not form.validate():
            return self._shown(form, url, title, template), 422
        try:
            return answer(Done(act(), key or form["name"].data))
        except CccError as error:
            form.take_error(error)
            return self._shown(form, url, title, template), error.status

    def _shown(self, form: PanelForm, url: str, title: str, template: str) -> str:
        return render_template(template, page=self, form=form, record=None, key="", url=url, title=title,
                               subject="", revision=0, base="{}", stale="", read_only=False)  # fmt: skip

    def _on_list(self) -> Response:
        return Response(status=302, headers={"Location": self.url_for("index", open=request.path)})


def _speak_form(values: dict[str, Any]) -> SpeakForm:
    form = SpeakForm(request.form if request.method == "POST" else None, data=values)
    found = flows.voices(plugins.registry())
    form.voice.choices = [("", gettext("By the language of the text")), *((item.name, item.label) for item in found)]
    return form


def _spoken(form: SpeakForm) -> tuple[str, str, float, int]:
    return form.text.data or "", form.voice.data or "", float(form.speed.data), form.volume.data


def _sent() -> bytes:
    sent = request.files.get("file")
    data = sent.read() if sent is not None else b""
    if not data:
        raise InvalidError(gettext("Choose a WAV file, or record one."), field="file")
    return data
