/*
 * irp_private.h - between irp.c and irp_build.c.
 */
#ifndef STORHOST_NT_IRP_PRIVATE_H
#define STORHOST_NT_IRP_PRIVATE_H

#include "nt/irp.h"

/* The request has passed all drivers: copies output back, tells who waits, frees. At most
 * DISPATCH_LEVEL. */
void irp_end(IRP *irp);

#endif
