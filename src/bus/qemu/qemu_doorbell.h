/*
 * qemu_doorbell.h - how messages (MSI, MSI-X) of a device become event descriptors.
 *
 * QEMU's ivshmem-doorbell device signals an event descriptor when its doorbell register is
 * written. A message is such a write: its address is the doorbell, its data our vector. We play
 * the ivshmem server, which hands the descriptors over. We are peer 0, because the doorbell takes
 * the peer in the upper half of the data and MSI has only the lower half.
 */
#ifndef STORHOST_BUS_QEMU_QEMU_DOORBELL_H
#define STORHOST_BUS_QEMU_QEMU_DOORBELL_H

#include "bus/qemu/qemu_command_line.h"
#include "bus/qemu/qemu_qtest.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { DOORBELL_BAR_SIZE = 256, DOORBELL_REGISTER = 0x0c };

struct doorbell {
    int socket_fd;          /* our end of the ivshmem channel; owned */
    uint64_t address;       /* of the doorbell register, once its BAR is assigned */
    unsigned vector_count;  /* handed to QEMU */
    unsigned working_count; /* of them, seen to work */
    int vector_fds[QEMU_DOORBELL_VECTORS_MAX]; /* non-blocking; owned */
};

/* Sends what QEMU waits for while it starts; may be called before QEMU runs. `socket_fd` is taken
 * on success. 0 or a negative errno. */
int doorbell_start(struct doorbell *doorbell, int socket_fd, uint64_t timeout_ns);
/* Makes vectors 0 to count - 1 exist and work: on return a write of the vector's number to the
 * doorbell is seen on its descriptor. Vectors last until doorbell_end. 0, -EINVAL (more than
 * QEMU_DOORBELL_VECTORS_MAX), -EIO (QEMU is gone), -ETIMEDOUT, or what making descriptors said. */
int doorbell_vectors_ensure(struct doorbell *doorbell, struct qtest *qtest, unsigned count,
                            uint64_t timeout_ns);
/* Forgets the signals of a vector that were not taken. */
void doorbell_vector_drain(struct doorbell *doorbell, unsigned vector);
void doorbell_end(struct doorbell *doorbell);

#ifdef __cplusplus
}
#endif

#endif
