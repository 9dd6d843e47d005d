/*
 * memory.c - shared memory objects: the arena that devices in other processes map by descriptor.
 *
 * Hugepages come first, because a device's page tables and ours are then a 512th of the size. When
 * none are reserved the object has ordinary pages and the kernel is asked to join them.
 */
#include "sys/sys.h"

#include <errno.h>
#include <linux/memfd.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { HUGEPAGE_SIZE = 2 * 1024 * 1024 };

/* Where the simulator asks for its memory, so that addresses repeat from run to run. A wish: the
 * range lies in what every sanitizer leaves to mappings, but it may be taken. */
static void *const simulated_base = (void *)0x7ea000000000;

static int mapping_create(const char *name, size_t size, unsigned flags, int *ret_fd,
                          void **ret_base)
{
    int fd = memfd_create(name, MFD_CLOEXEC | flags);
    if (fd < 0)
        return -errno;
    int result = 0;
    void *base = MAP_FAILED;
    if (ftruncate(fd, (off_t)size) < 0)
        result = -errno;
    if (!result) {
        void *hint = sys_is_simulated() ? simulated_base : NULL;
        base = mmap(hint, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (base == MAP_FAILED)
            result = -errno;
    }
    if (result) {
        close(fd);
        return result;
    }
    *ret_fd = fd;
    *ret_base = base;
    return 0;
}

int sys_shared_memory_create_small(const char *name, size_t size, int *ret_fd, void **ret_base)
{
    return size == 0 ? -EINVAL : mapping_create(name, size, 0, ret_fd, ret_base);
}

int sys_shared_memory_create(const char *name, size_t size, int *ret_fd, void **ret_base)
{
    if (size == 0)
        return -EINVAL;
    if (size % HUGEPAGE_SIZE == 0 &&
        mapping_create(name, size, MFD_HUGETLB | MFD_HUGE_2MB, ret_fd, ret_base) == 0)
        return 0;
    int result = mapping_create(name, size, 0, ret_fd, ret_base);
    if (result == 0)
        (void)madvise(*ret_base, size, MADV_HUGEPAGE); /* a wish too */
    return result;
}

void sys_shared_memory_destroy(int fd, void *base, size_t size)
{
    sh_assert(munmap(base, size) == 0);
    close(fd);
}

int sys_shared_memory_map(int fd, size_t offset, size_t size, void *address, void **ret_base)
{
    void *base = mmap(address, size, PROT_READ | PROT_WRITE,
                      address ? MAP_SHARED | MAP_FIXED : MAP_SHARED, fd, (off_t)offset);
    if (base == MAP_FAILED)
        return -errno;
    *ret_base = base;
    return 0;
}

void sys_shared_memory_unmap(void *base, size_t size)
{
    sh_assert(munmap(base, size) == 0);
}

/* ---- secrets ---- */

void *sys_secret_allocate(size_t size)
{
    void *secret = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (secret == MAP_FAILED)
        return NULL;
    if (madvise(secret, size, MADV_DONTDUMP) != 0) {
        munmap(secret, size);
        return NULL;
    }
    (void)mlock(secret, size);
    return secret;
}

void sys_secret_free(void *secret, size_t size)
{
    if (!secret)
        return;
    explicit_bzero(secret, size);
    sh_assert(munmap(secret, size) == 0);
}
