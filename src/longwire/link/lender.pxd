# The C types of lender.py, which says what they mean.

cdef class Lender:
    cdef public bytearray buffer
    cdef public bytearray spare
    cdef public object view
    cdef public bint lent
    cpdef void renew(self)
    cpdef void take_back(self, bytearray buffer)
