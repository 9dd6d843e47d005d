/*
 * address_space.c - Mm: whether there is memory at an address.
 */
#include "bus/window.h"
#include "nt/export.h"
#include "nt/thread.h"

#include <ntddk.h>
#include <sys/uio.h>
#include <unistd.h>

/* Asked of the host's kernel, which copies a byte if it can. Registers count as memory. */
BOOLEAN NTAPI MmIsAddressValid(PVOID VirtualAddress)
{
    char byte;
    struct iovec to = {&byte, 1}, from = {VirtualAddress, 1};

    return bus_window_contains(VirtualAddress) ||
           process_vm_readv(getpid(), &to, 1, &from, 1, 0) == 1;
}
NT_EXPORT("ntoskrnl.exe", MmIsAddressValid, "Memory", NT_DISPATCH_LEVEL);
