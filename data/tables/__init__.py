"""Tables of any department: text files and workbooks, read by a mapping from the catalogue.

stream.read_frames yields facts and cases of a table of any size; profile looks at an unknown
one and proposes a mapping. Pure: no SQL, no clock. Workbooks are opened in a child process.
"""
