"""Lookup tables of an instance: read from CSV, kept in files that are looked into without being loaded."""

from ccc.tables.csv import BadRow, CsvTable, read_csv
from ccc.tables.file import TableFile, open_table, pack

__all__ = ["BadRow", "CsvTable", "TableFile", "open_table", "pack", "read_csv"]
