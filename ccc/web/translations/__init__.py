"""Texts in other languages; message ids are the English texts. ``python -m ccc.web.translations`` updates the files."""
