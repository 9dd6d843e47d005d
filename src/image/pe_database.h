/*
 * pe_database.h - program databases (PDB), which linkers write beside images.
 */
#ifndef STORHOST_IMAGE_PE_DATABASE_H
#define STORHOST_IMAGE_PE_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which build it is of, in the words of image_facts.database_id. False: it is no database, or
 * damaged. */
bool pe_database_id(const char *path, char *text, size_t size);

#endif
