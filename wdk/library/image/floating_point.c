/*
 * floating_point.c - what objects refer to that compute with floating point: Microsoft's C library
 * starts its own support by it. A driver has none.
 */
int _fltused = 0x9875;
