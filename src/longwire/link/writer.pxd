# The C types of writer.py, which says what they mean.

cdef class Writer:
    cdef public Py_ssize_t look_after
    cdef readonly bint paused
    cdef readonly bint overdue
    cdef readonly bint held
    cdef readonly bint deaf
    cdef readonly bint shut
    cdef readonly long long messages
    cdef public long long bytes_sent
    cdef object _loop
    cdef object _encoder
    cdef long long _high
    cdef object _timeout
    cdef object _on_stuck
    cdef object _transport
    cdef list _joined
    cdef long long _joined_bytes
    cdef object _turn
    cdef object _waiters
    cdef object _holder
    cdef object _timer
    cdef long long _gone
    cdef double _moved
    cdef object _recheck
    cdef object _base
    cdef Py_ssize_t _since_look
    cdef object _run_began
    cdef object _peer_ended
    cpdef bint post(self, object data)
    cpdef bint post_at_once(self, object data)
    cpdef bint write(self, bytes frame)
    cdef void _hand_over(self, object transport, bytes data)
