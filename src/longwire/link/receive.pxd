# What only C can do, for the compiled form of receive.py.
#
# An awaitable hands its result over by raising StopIteration. Raised from Cython that makes an
# exception, a traceback and a frame for every message; set from C it costs next to nothing.

cdef extern from *:
    """
    typedef PyObject *(*longwire_poll)(PyObject *);
    static longwire_poll longwire_ready;
    static iternextfunc longwire_slow;
    static PyObject *longwire_nothing;

    static PyObject *longwire_next(PyObject *self) {
        PyObject *item = longwire_ready(self);
        if (item == NULL)
            return NULL;
        if (item == longwire_nothing) {
            Py_DECREF(item);
            return longwire_slow(self);
        }
        PyErr_SetObject(PyExc_StopIteration, item);
        Py_DECREF(item);
        return NULL;
    }

    static void longwire_install(PyObject *type, void *ready, PyObject *nothing) {
        longwire_ready = (longwire_poll)ready;
        longwire_slow = ((PyTypeObject *)type)->tp_iternext;
        longwire_nothing = nothing;
        ((PyTypeObject *)type)->tp_iternext = longwire_next;
    }
    """
    void longwire_install(object type, void *ready, object nothing)
