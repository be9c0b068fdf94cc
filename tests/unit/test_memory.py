"""The collector's threads share one arena of memory."""

import subprocess
import sys

ASK = """
import ctypes, threading
from data.collector.memory import one_arena
assert one_arena()
held = [bytearray(1000) for _ in range(1000)]
threads = [threading.Thread(target=lambda: [object() for _ in range(200_000)]) for _ in range(6)]
[t.start() for t in threads]; [t.join() for t in threads]
libc = ctypes.CDLL(None)
read, write = __import__("os").pipe()
libc.fdopen.restype = ctypes.c_void_p
libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
libc.fclose.argtypes = [ctypes.c_void_p]
file = libc.fdopen(write, b"w")
libc.malloc_info(0, file); libc.fclose(file)
print(open(read, "rb").read().count(b"<heap nr="))
"""


def test_threads_take_memory_from_one_place():
    told = subprocess.run(
        [sys.executable, "-c", ASK], capture_output=True, text=True, check=True, timeout=60
    )
    assert told.stdout.strip() == "1"
