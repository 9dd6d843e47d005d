/*
 * memory.c - shared memory objects: the arena that devices in other processes map by descriptor.
 *
 * Hugepages come first, because a device's page tables and ours are then a 512th of the size. When
 * none are reserved the object has ordinary pages and the kernel is asked to join them.
 */
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/memfd.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
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

/* ---- memory that other processes share with us ---- */

/* Where such memory is asked for: far from where programs and libraries lie, each time further on,
 * so that an address is seldom refused by the other process. */
enum { USER_MEMORY_SEALS = F_SEAL_SHRINK | F_SEAL_GROW };
#define USER_MEMORY_FIRST 0x7d0000000000ull
#define USER_MEMORY_SPAN  (1ull << 40)
#define USER_MEMORY_GAP   (1ull << 21)

static void *user_memory_hint(size_t size)
{
    static uint64_t used;
    uint64_t offset =
        __atomic_fetch_add(&used, (size + USER_MEMORY_GAP) & -USER_MEMORY_GAP, __ATOMIC_RELAXED);

    return (void *)(uintptr_t)(USER_MEMORY_FIRST + offset % USER_MEMORY_SPAN);
}

int sys_user_memory_map(int fd, size_t size, void **ret_base)
{
    struct stat status;
    struct statfs system;
    int seals = fcntl(fd, F_GET_SEALS);

    if (seals < 0 || (seals & USER_MEMORY_SEALS) != USER_MEMORY_SEALS || fstat(fd, &status) != 0 ||
        (uint64_t)status.st_size < size)
        return -EINVAL;
    /* Huge pages can be had no more once a hole was made where one was. */
    if (fstatfs(fd, &system) != 0 || system.f_type != TMPFS_MAGIC)
        return -EINVAL;
    void *base = mmap(user_memory_hint(size), size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED)
        return errno == ENOMEM ? -ENOMEM : -EINVAL;
    *ret_base = base;
    return 0;
}

void sys_user_memory_unmap(void *base, size_t size)
{
    sh_assert(munmap(base, size) == 0);
}

int sys_user_memory_create(size_t size, int *ret_fd)
{
    int fd = memfd_create("storhost-shared", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd < 0)
        return -errno;
    if (ftruncate(fd, (off_t)size) != 0 ||
        fcntl(fd, F_ADD_SEALS, USER_MEMORY_SEALS | F_SEAL_SEAL) != 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    *ret_fd = fd;
    return 0;
}

int sys_user_memory_map_at(int fd, size_t size, void *base)
{
    void *mapped =
        mmap(base, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);

    if (mapped == MAP_FAILED)
        return -errno;
    if (mapped == base)
        return 0;
    munmap(mapped, size);
    return -EEXIST;
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
