# The C types of lender.py, which says what they mean.

cdef class Lender:
    cdef public bytearray buffer
    cdef public object view
    cdef public bint lent
    cpdef void renew(self)
