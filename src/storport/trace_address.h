/*
 * trace_address.h - what events are about that name a unit.
 */
#ifndef STORHOST_STORPORT_TRACE_ADDRESS_H
#define STORHOST_STORPORT_TRACE_ADDRESS_H

#include "nt/events.h"
#include "trace/trace.h"
#include <storport.h>

/* "unit 0:0:1: "; nothing for the adapter (NULL) and for addresses of types that there are not. */
static inline void storport_trace_address(struct trace_output *out, const STOR_ADDRESS *address)
{
    const STOR_ADDR_BTL8 *btl = (const STOR_ADDR_BTL8 *)address;

    if (address && address->Type == STOR_ADDRESS_TYPE_BTL8)
        trace_put(out, "unit %u:%u:%u: ", btl->Path, btl->Target, btl->Lun);
}

/* Of the event ring: the adapter for NULL and for addresses of types that there are not. */
static inline uint64_t storport_trace_object(unsigned adapter, const STOR_ADDRESS *address)
{
    const STOR_ADDR_BTL8 *btl = (const STOR_ADDR_BTL8 *)address;

    if (!address || address->Type != STOR_ADDRESS_TYPE_BTL8)
        return nt_event_adapter(adapter);
    return nt_event_unit(adapter, btl->Path, btl->Target, btl->Lun);
}

#endif
