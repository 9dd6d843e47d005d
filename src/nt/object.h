/*
 * object.h - objects that drivers hold by pointer and count references of: devices, files, threads,
 * events and others. What a driver sees is the body in Windows' own layout; kind and count lie
 * before it.
 */
#ifndef STORHOST_NT_OBJECT_H
#define STORHOST_NT_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum nt_object_kind {
    NT_OBJECT_NONE,
    NT_OBJECT_FILE,
    NT_OBJECT_THREAD,
    NT_OBJECT_EVENT,
    NT_OBJECT_KEY,
    NT_OBJECT_DEVICE,
    NT_OBJECT_DRIVER,
    NT_OBJECT_CALLBACK,
    NT_OBJECT_PROCESS,
    NT_OBJECT_SECTION,
    NT_OBJECT_TOKEN,
};

/* A zeroed body of `size` bytes with one reference, at a multiple of 16. `destroy` (may be NULL)
 * runs when the last reference goes, before the memory does. NULL: no memory. At most
 * DISPATCH_LEVEL. */
void *nt_object_create(enum nt_object_kind kind, size_t size, void (*destroy)(void *body));
/* The same at a multiple of `alignment`, a power of two from 16 on. */
void *nt_object_create_aligned(enum nt_object_kind kind, size_t size, size_t alignment,
                               void (*destroy)(void *body));
/* Both return the references that are there afterwards. The body is one that nt_object_create
 * returned: any other pointer is a bug check, since the driver's next step would corrupt memory. */
uint32_t nt_object_reference(void *body);
uint32_t nt_object_release(void *body);
/* For a table of objects without references of its own, whose lock `destroy` takes too: false for
 * an object whose last reference is gone. */
bool nt_object_reference_if_alive(void *body);
enum nt_object_kind nt_object_kind_of(const void *body);

#ifdef __cplusplus
}
#endif

#endif
