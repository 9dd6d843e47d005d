/*
 * window_access.c - an access to a device's registers on behalf of a driver.
 */
#include "bus/window.h"

#include "nt/bugcheck.h"
#include "nt/processor.h"

/* An access outside its range or against its alignment is the driver's fault. */
static bool access_is_good(const struct bus_window_place *place, unsigned size)
{
    if (size <= place->left && !(place->offset.value & (size - 1)))
        return true;
    nt_finding("register-access", NULL,
               "a %u-byte access at offset 0x%llX of BAR %u is misaligned "
               "or beyond the mapped range",
               size, (unsigned long long)place->offset.value, place->bar);
    return false;
}

uint64_t bus_window_read(const struct bus_window_place *place, unsigned size)
{
    if (!access_is_good(place, size))
        return UINT64_MAX;
    uint64_t value =
        place->device->ops->register_read(place->device, place->bar, place->offset, size);
    (void)__atomic_load_n(&place->device->order, __ATOMIC_ACQUIRE);
    nt_preempt();
    return value;
}

void bus_window_write(const struct bus_window_place *place, unsigned size, uint64_t value)
{
    if (!access_is_good(place, size))
        return;
    __atomic_add_fetch(&place->device->order, 1, __ATOMIC_RELEASE);
    place->device->ops->register_write(place->device, place->bar, place->offset, size, value);
    nt_preempt();
}
