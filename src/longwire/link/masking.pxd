# What masking.py gives to other compiled modules.

cdef void mask_into(
    unsigned char *out, unsigned char *source, Py_ssize_t length, unsigned char *key
) noexcept
