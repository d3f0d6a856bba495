"""What a process asks of the system that it runs on: memory given back, files enough."""

import ctypes
import resource

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # of glibc's malloc.h
FILES = 4096  # that a worker may have open: as many connections, and its own


def give_memory_back(least: int) -> None:
    """Have glibc give blocks of so many bytes back to the system as soon as they are free.

    By itself it keeps blocks of up to 32 MB for later, in a heap for each thread: after a few large
    pictures a web worker held 700 MB more, and a trainer, which packs 12 MB of weights several
    times a second, 130. Smaller blocks stay as fast.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:  # else it is no glibc
        mallopt(M_MMAP_THRESHOLD, least)
        mallopt(M_TRIM_THRESHOLD, least)  # what is free at a heap's end, too
        mallopt(M_ARENA_MAX, 2)


def allow_files() -> None:
    """Let this process open enough files for its connections, where the system has a low limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= soft < FILES:
        most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
