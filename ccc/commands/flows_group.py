"""The group ``ccc flows``; the modules beside this one put their commands into it."""

import click

flows = click.Group("flows", help="Check, test, import, export and publish call flows.")
