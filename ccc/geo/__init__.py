"""Numbers and places: normalisation (China first) and province and city of a number. Light: no third-party import."""

from ccc.geo.numbers import PhoneNumber, inbound_only, normalise
from ccc.geo.table import GeoTable, Place, geo_path

__all__ = ["GeoTable", "PhoneNumber", "Place", "geo_path", "inbound_only", "normalise"]
