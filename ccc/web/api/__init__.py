"""The REST API under ``/api/v1``: an application of its own beside the pages, without cookies or sessions."""
