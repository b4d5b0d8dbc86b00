# The types of waiter.py: an inbox makes and wakes a waiter in C for every message waited for.

cdef class Waiter:
    cdef object _loop
    cdef object _resume
    cdef object _context
    cdef object _timer
    cdef bint _done
    cdef bint _cancelled
    cdef public bint _asyncio_future_blocking
    cpdef result(self)
    cpdef bint done(self)
    cpdef void wake(self, bint at_once)
