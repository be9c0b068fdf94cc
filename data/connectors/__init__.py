"""Pure parsers, one file a format: bytes in, records and problems out.

** To read a new format, add a module with `CONNECTOR` here and name it in `registry`. **
"""
