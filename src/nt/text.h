/*
 * text.h - UTF-8 and UTF-16 for host code that meets Windows' strings.
 *
 * Malformed input is never an error here: each bad unit becomes U+FFFD, so that a driver's odd
 * string is still shown.
 */
#ifndef STORHOST_NT_TEXT_H
#define STORHOST_NT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Reads one code point of `size` > 0 bytes; returns how many bytes it took, at least 1. */
size_t text_utf8_read(const char *text, size_t size, uint32_t *ret_code);
/* Writes up to 4 bytes, returns how many. */
size_t text_utf8_write(uint32_t code, char *ret_text);
/* Reads one code point of `count` > 0 units at any alignment; returns 1 or 2. */
size_t text_utf16_read(const void *text, size_t count, uint32_t *ret_code);

/* Terminated copies, to be freed; NULL without memory. */
uint16_t *text_to_utf16(const char *utf8, size_t *ret_units);
char *text_from_utf16(const uint16_t *text, size_t units);

/* The simple upper-case mapping of Unicode, as Windows compares names. */
uint32_t text_upper(uint32_t code);
bool text_equal_nocase(const char *left, size_t left_size, const char *right, size_t right_size);

#ifdef __cplusplus
}
#endif

#endif
