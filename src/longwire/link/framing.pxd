# The C types of framing.py, which says what they mean.

from longwire.link.flow cimport Source
from longwire.link.lender cimport Lender

cdef class Framing(Source):
    cdef readonly bint closing
    cdef readonly long long fragmented
    cdef bint _masked
    cdef long long _limit
    cdef object _deflate
    cdef Lender _lender
    cdef bytearray _buffer
    cdef object _view
    cdef Py_ssize_t _capacity
    cdef Py_ssize_t _head
    cdef Py_ssize_t _tail
    cdef Py_ssize_t _carried
    cdef list _fresh
    cdef bint _alone
    cdef list _controls
    cdef object _decoder
    cdef int _settle(self)
    cdef int _add_control(self, int opcode, bytes payload)
    cdef int _run(self, Py_ssize_t room, long long room_bytes)
    cdef int _check_bits(self, int first, int second)
    cdef long long _long_length(self, long long marker, Py_ssize_t at)
    cdef int _unmask(self, Py_ssize_t start, Py_ssize_t length)
