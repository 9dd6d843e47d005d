/*
 * private.h - what the files of src/acpi tell each other.
 */
#ifndef STORHOST_ACPI_PRIVATE_H
#define STORHOST_ACPI_PRIVATE_H

#include "acpi/acpi.h"
#include "sys/sys.h"

enum { TABLES_MAX = 32, TABLE_BYTES_MAX = 16 << 20, NAME_CHARACTERS = 4 };

/* ---- tables (table.c) ---- */

/* A checked copy that nobody can change any more: a descriptor, or a negative errno. */
int table_open(const char *file, bool *ret_is_dsdt, char *reason, size_t reason_size);
/* Any bytes as such a descriptor; `shared`: they will be replaced later. */
int table_from_bytes(const uint8_t *bytes, size_t size);

/* ---- AML (aml.c) ---- */

/* A table with one method, \XSTC, which calls `path` (of `is_method`, with the arguments) and
 * returns the result as result.asl writes it. To be freed; NULL without memory. -E2BIG. */
int aml_call(const char *path, bool is_method, const struct acpi_value *arguments, size_t count,
             uint8_t **ret_table, size_t *ret_size);

/* ---- the interpreter (interpreter.c); by one thread ---- */

/* Starts acpiexec with the tables. 0, or a negative errno with a line. */
int interpreter_start(const int *tables, size_t count, char *reason, size_t reason_size);
void interpreter_stop(void);
bool interpreter_runs(void);
/* What `namespace` prints, to be freed. */
int interpreter_list(char **ret_text);
/* Evaluates \XSTC of a table. The result's bytes are to be freed; NULL: it returns nothing. */
int interpreter_call(const uint8_t *table, size_t size, const char *what, uint8_t **ret_bytes,
                     size_t *ret_size);

/* ---- results (result.c) ---- */

/* -EPROTO: the bytes are no value. */
int result_decode(const uint8_t *bytes, size_t size, struct acpi_value *ret_value);

/* ---- the namespace (namespace.c) ---- */

int namespace_read(const char *listing);
void namespace_free(void);
/* What nodes have in _ADR where that has to be evaluated. */
void namespace_addresses(int (*evaluate)(const struct acpi_node *node, uint64_t *ret_number));
unsigned node_argument_count(const struct acpi_node *node);

#endif
