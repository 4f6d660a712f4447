"""The administration's pages: a framework on top of Flask-Admin, one folder per page (docs/admin-pages.md)."""
