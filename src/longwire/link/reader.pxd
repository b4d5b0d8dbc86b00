# The C types of reader.py, which says what they mean.

from longwire.link.flow cimport Queue, Source

cdef class Reader:
    cdef public Queue inbox
    cdef readonly Source parser
    cdef public object inspect
    cdef public object on_error
    cdef public object on_pause
    cdef public object liveness
    cdef public object paused_since
    cdef public object last_pause
    cdef public long long bytes
    cdef public long long messages
    cdef public long long dropped
    cdef public double last_byte
    cdef public object last_pong
    cdef public object last_data
    cdef double _byte_before
    cdef object _loop
    cdef object _options
    cdef object _on_control
    cdef object _is_reply
    cdef list _unplaced
    cdef bint _stopped
    cdef object _transport
    cdef object _clock
    cdef object _gate
    cdef bint _reads_on
    cdef Py_ssize_t _offered
    cdef object _breather
    cdef object _deflate
    cpdef void pump(self)
    cdef int _breathe(self)
    cdef int _accept(self, list fresh, long long size)
    cdef int _place(self, list fresh, long long size)
