/*
 * objects.h - handles, and the objects behind them: files, threads, events.
 */
#ifndef STORHOST_NTOSKRNL_OBJECTS_H
#define STORHOST_NTOSKRNL_OBJECTS_H

#include <ntifs.h>
#include <stdint.h>

enum object_kind { OBJECT_FILE = 1, OBJECT_THREAD, OBJECT_EVENT };

/* What a driver holds by pointer is the dispatcher header, which comes first, as in Windows. */
struct object {
    union {
        DISPATCHER_HEADER header;
        KEVENT event;
    };
    enum object_kind kind;
    uint32_t references;
    void (*destroy)(struct object *object);
};

/* A fresh object with one reference; `size` includes the record that begins with it. NULL: no
 * memory. */
struct object *object_create(enum object_kind kind, size_t size,
                             void (*destroy)(struct object *object));
void object_reference(struct object *object);
void object_release(struct object *object);
/* Takes over one reference. NULL: no memory. */
HANDLE object_handle(struct object *object);
/* The object with a reference of the caller's, NULL for a handle that is none or of another kind
 * (0: any). */
struct object *object_of_handle(HANDLE handle, enum object_kind kind);
NTSTATUS object_status_of_errno(int error);

/* Signals a dispatcher object and wakes who waits (dispatcher.c). */
void dispatcher_signal(DISPATCHER_HEADER *header);
/* Waits for one dispatcher object; `timeout` as KeWaitForSingleObject takes it. */
NTSTATUS dispatcher_wait(DISPATCHER_HEADER *header, const LARGE_INTEGER *timeout);

#endif
