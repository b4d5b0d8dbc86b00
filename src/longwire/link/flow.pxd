# The C types of flow.py, which says what they mean.

cdef class Source:
    cdef readonly object error
    cdef readonly bint blocked
    cdef readonly bint halfway
    cdef readonly long long payload_bytes
    cdef readonly int opcode
    cpdef object get_buffer(self)
    cpdef void filled(self, Py_ssize_t count)
    cpdef list parse(self, Py_ssize_t room, long long room_bytes)
    cpdef bint has_controls(self)


cdef class Queue:
    cdef public bint gathering
    cdef readonly bint ended
    cdef readonly object error
    cdef readonly bint quiet
    cdef public bint overdue
    cpdef Py_ssize_t room(self)
    cpdef long long room_bytes(self)
    cpdef Py_ssize_t commit(self, list fresh, long long payload_bytes)
    cpdef void hand_over(self)
    cpdef object pop(self, bint marks=*)
    cpdef list take(self, bint marks=*)
    cpdef bint load(self, bint one)
    cpdef bint finished(self)
    cpdef void breathe(self)
    cpdef bint expect(self)
    cpdef object add_waiter(self)
    cpdef object hold_back(self)
    cpdef void drop_waiter(self, object waiter)
    cpdef void pass_on(self)
