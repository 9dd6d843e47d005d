/*
 * print.h - printf with the rules of the Windows kernel: %lu is 32 bits, %I64x, %I32u, %Iu, %S and
 * %ws are UTF-16, %wZ is a UNICODE_STRING, %Z an ANSI_STRING, %p 16 digits. Arguments come as the
 * Windows ABI passes them.
 */
#ifndef STORHOST_NT_PRINT_H
#define STORHOST_NT_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Formats into buffer, always terminated. Returns the length that all of it would have had, as
 * snprintf does. A malformed directive is copied as it is; a NULL string prints "(null)". */
int nt_format(char *buffer, size_t size, const char *format, __builtin_ms_va_list arguments);

/* Where debug print and log lines go: one whole line a call, no newline. Any thread, any IRQL;
 * must not call back into nt. NULL: stderr. */
void nt_print_set_sink(void (*sink)(void *context, const char *line), void *context);
/* Host-side one-line message with ordinary printf rules, to the same sink and, while a recording
 * wants it, into the event ring; `unrecorded` of what is there already. */
void nt_print_unrecorded(const char *format, ...) __attribute__((format(printf, 1, 2)));
void nt_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What is shown of drivers' prints besides what the registry says (print_filter.c): a bit for each
 * level, of all components. PASSIVE_LEVEL, before drivers run. */
void nt_print_filter_start(uint32_t wanted);
/* What the registry says, from now on. PASSIVE_LEVEL, before a driver is loaded. */
void nt_print_filter_read(void);
enum { NT_PRINT_STORMINIPORT = 90 }; /* the component of StorPortDebugPrint */
/* Whether a driver's print with this component and level of DbgPrintEx is shown. The first that is
 * not is told of. Any IRQL. */
bool nt_print_is_wanted(const char *driver, uint32_t component, uint32_t level);
/* A driver's text: split to lines, prefixed with the driver's name; partial lines are kept for
 * the next call of the same thread. */
void nt_print_driver(const char *driver, const char *format, __builtin_ms_va_list arguments);

#ifdef __cplusplus
}
#endif

#endif
